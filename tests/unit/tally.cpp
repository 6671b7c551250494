#include <pmc/tally.hpp>

#include "allocations.hpp"

#include <doctest/doctest.h>

#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace {

/// Touches so many fresh pages: the kernel counts that without a PMU.
void touch(std::size_t pages) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    auto* data = static_cast<volatile char*>(
        mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    madvise(const_cast<char*>(data), pages * page, MADV_NOHUGEPAGE);
    for (std::size_t i = 0; i < pages; ++i)
        data[i * page] = 1;
    munmap(const_cast<char*>(data), pages * page);
}

double faults(const pmc::Tally& tally) {
    const pmc::Sample sample = tally.sample();
    REQUIRE(sample.events.size() == 1);
    REQUIRE_MESSAGE(sample.events[0].has_value(), sample.events[0].reason.evidence);
    return sample.events[0].value();
}

} // namespace

TEST_SUITE("tally") {
    TEST_CASE("pieces are added up, what lies between them is not counted") {
        pmc::Tally tally("page-faults");
        touch(1);
        tally.resume();
        tally.pause();
        const double none = faults(tally); // code that runs for the first time
        tally.clear();
        for (int i = 0; i < 3; ++i) {
            tally.resume();
            touch(10);
            tally.pause();
            touch(100);
        }
        CHECK(none < 10);
        CHECK(faults(tally) == 30);
    }

    TEST_CASE("what is cleared is gone, the piece that is being counted included") {
        pmc::Tally tally("page-faults");
        tally.resume();
        tally.pause();
        tally.resume();
        touch(50);
        tally.clear();
        touch(20);
        tally.pause();
        CHECK(faults(tally) >= 20);
        CHECK(faults(tally) < 50);
    }

    TEST_CASE("a pause without a resume is none") {
        pmc::Tally tally("page-faults");
        tally.pause();
        CHECK_FALSE(tally.sample().events[0].has_value());
        tally.resume();
        tally.pause();
        touch(20);
        tally.pause();
        CHECK(faults(tally) < 20);
    }

    TEST_CASE("neither resume nor pause allocates") {
        pmc::Tally tally("page-faults");
        const std::size_t allocated = allocations();
        tally.resume();
        tally.pause();
        CHECK(allocations() == allocated);
    }

    TEST_CASE("an unknown name is an error, and what was never counted is not 0") {
        CHECK_THROWS_AS(pmc::Tally("no-such-event-anywhere"), pmc::Error);
        const pmc::Sample sample = pmc::Tally("page-faults").sample();
        CHECK_FALSE(sample.events[0].has_value());
        CHECK(sample.scope == "measure");
    }
}
