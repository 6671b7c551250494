#include "process.hpp"

#include <doctest/doctest.h>

using process::pmcstat;

TEST_SUITE("list") {
    TEST_CASE("metrics come first, with formula, unit and description") {
        const Outcome outcome = pmcstat({"list"});
        CHECK(outcome.status == 0);
        const std::size_t metrics = outcome.out.find("Metrics");
        const std::size_t events = outcome.out.find("Events");
        REQUIRE(metrics != std::string::npos);
        REQUIRE(events != std::string::npos);
        CHECK(metrics < events);
        for (const char* const part : {"ipc = instructions / cycles", "insn/cycle", "llc.mpki", "page-faults",
                                       "task-clock", "cycles", "L1-dcache-load-misses"})
            CHECK_MESSAGE(contains(outcome.out, part), part);
    }

    TEST_CASE("a word narrows it, in any case") {
        const Outcome outcome = pmcstat({"list", "LLC"});
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.out, "llc.miss_ratio"));
        CHECK_FALSE(contains(outcome.out, "page-faults"));
    }

    TEST_CASE("a word that nothing has is status 1 and one line") {
        const Outcome outcome = pmcstat({"list", "nosuchthingatall"});
        CHECK(outcome.status == 1);
        CHECK(contains(outcome.err, "nosuchthingatall"));
        CHECK(outcome.out.empty());
    }

    TEST_CASE("what can't be counted here says why") {
        const Outcome outcome = pmcstat({"list", "ipc"});
        CHECK(contains(outcome.out, "not available here: ") == !process::machine_has_pmu());
    }

    TEST_CASE("too many words are refused") {
        CHECK(pmcstat({"list", "a", "b"}).status == 125);
    }
}
