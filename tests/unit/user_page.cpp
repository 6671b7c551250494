#include <doctest/doctest.h>

#include "kernel/user_page.hpp"

#include "fake_counter.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

using pmc::kernel::PageTimes;
using pmc::kernel::read_group;
using pmc::kernel::sign_extended;
using pmc::kernel::UserClock;
using pmc::kernel::UserCounter;

namespace {

/// Registers by the page's index, and what happens while one is read.
struct Registers {
    std::map<std::uint64_t, std::uint64_t> values;
    std::function<void()> in_between = [] {};
    int reads = 0;
};

struct Processor {
    Registers* registers;

    bool counter(std::uint64_t index, std::uint64_t& value) const {
        if (index == 0)
            return false;
        ++registers->reads;
        registers->in_between();
        value = registers->values.at(index);
        return true;
    }
    [[nodiscard]] static std::uint64_t ticks() { return 4711; }
};

struct Got {
    bool counted;
    std::array<std::uint64_t, 16> counts{};
    PageTimes times{};
};

template <class Size>
Got read(const std::vector<const fake::Page*>& pages, Registers& registers, Size size) {
    std::array<UserCounter, 16> counters;
    for (std::size_t i = 0; i < pages.size(); ++i)
        counters[i] = {&**pages[i], 64u - (*pages[i])->pmc_width};
    Got got;
    got.counted = read_group(counters.data(), size, got.counts.data(), got.times, Processor{&registers});
    return got;
}

std::uint64_t count_of(std::uint16_t width, std::uint64_t value, std::int64_t offset) {
    const fake::Page page;
    page.set(1, offset, width);
    Registers registers{{{1, value}}};
    const Got got = read({&page}, registers, std::index_sequence<0>{});
    REQUIRE(got.counted);
    return got.counts[0];
}

} // namespace

TEST_SUITE("user_page") {
    TEST_CASE("a register is a signed number of its width") {
        for (const unsigned width : {32u, 40u, 48u, 52u, 64u}) {
            CAPTURE(width);
            const unsigned shift = 64 - width;
            const std::uint64_t all_ones = ~std::uint64_t{0} >> shift;
            CHECK(sign_extended(0, shift) == 0);
            CHECK(sign_extended(12345, shift) == 12345);
            CHECK(sign_extended(all_ones, shift) == ~std::uint64_t{0});
            CHECK(sign_extended(all_ones >> 1, shift) == all_ones >> 1);
            CHECK(sign_extended((all_ones >> 1) + 1, shift) == ~(all_ones >> 1));
        }
    }

    TEST_CASE("what lies above the width is ignored") {
        CHECK(sign_extended(0xdead'beef'0000'0007, 32) == 7);
        CHECK(sign_extended(0xdead'0000'0000'0007, 16) == 7);
    }

    TEST_CASE("the count is offset plus register, with the counter half-way up as the kernel starts it (x86)") {
        // The kernel lets it run from -2^47 and has offset 2^47.
        constexpr std::int64_t half = std::int64_t{1} << 47;
        constexpr std::uint64_t start = (std::uint64_t{1} << 48) - (std::uint64_t{1} << 47);
        CHECK(count_of(48, start, half) == 0);
        CHECK(count_of(48, start + 1'000'000, half) == 1'000'000);
        CHECK(count_of(48, 5, half) == (std::uint64_t{1} << 47) + 5);
        CHECK(count_of(40, 17, -5) == 12);
        CHECK(count_of(64, ~std::uint64_t{0}, 3) == 2);
    }

    TEST_CASE("a 32-bit counter that wraps at 2^32 between two readings goes on (arm64)") {
        // It runs from -2^31; offset takes what it had before.
        constexpr std::int64_t before = 5'000'000'000;
        constexpr std::int64_t half = std::int64_t{1} << 31;
        CHECK(count_of(32, 0xffff'fff0, before + half) == 5'000'000'000 + 0x7fff'fff0);
        CHECK(count_of(32, 0x0000'0010, before + half) == 5'000'000'000 + 0x8000'0010);
    }

    TEST_CASE("a group is read in the order given, by a number that is built in and by one that is not") {
        const fake::Page one;
        const fake::Page two;
        const fake::Page three;
        one.set(32, 100, 64); // the cycle counter of arm64
        two.set(1, 200, 32);
        three.set(0x4000'0001, 300, 48); // a fixed counter of x86
        one.set_times(70, 60);
        one->time_offset = 5;
        Registers registers{{{32, 1}, {1, 2}, {0x4000'0001, 3}}};
        for (const Got& got : {read({&one, &two, &three}, registers, std::make_index_sequence<3>{}),
                               read({&one, &two, &three}, registers, std::size_t{3})}) {
            REQUIRE(got.counted);
            CHECK(got.counts[0] == 101);
            CHECK(got.counts[1] == 202);
            CHECK(got.counts[2] == 303);
            CHECK(got.times.enabled_ns == 70);
            CHECK(got.times.running_ns == 60);
            CHECK(got.times.offset == 5);
            CHECK(got.times.ticks == 4711);
        }
    }

    TEST_CASE("a counter without a register is not read, nor is its group") {
        const fake::Page one;
        const fake::Page two;
        two.set(0, 12345);
        Registers registers{{{1, 2}}};
        CHECK_FALSE(read({&one, &two}, registers, std::make_index_sequence<2>{}).counted);
        CHECK_FALSE(read({&one, &two}, registers, std::size_t{2}).counted);
    }

    TEST_CASE("whatever changes while the group is read, all of it is read again") {
        const fake::Page one;
        const fake::Page two;
        one.set(1, 10);
        two.set(2, 20);
        Registers registers{{{1, 1}, {2, 2}, {3, 0}}};
        SUBCASE("the counter just read overflowed") {
            registers.in_between = [&] {
                if (registers.reads == 2)
                    two.set(2, 1000);
            };
        }
        SUBCASE("the thread was away: both counters are others now") {
            registers.in_between = [&] {
                if (registers.reads != 2)
                    return;
                one.set(2, 9);
                two.set(3, 1002);
            };
        }
        SUBCASE("again and again") {
            registers.in_between = [&] {
                if (registers.reads < 20)
                    one.set(1, 10);
                two.set(2, 1000);
                if (registers.reads >= 20)
                    registers.in_between = [] {};
            };
        }
        const Got got = read({&one, &two}, registers, std::make_index_sequence<2>{});
        REQUIRE(got.counted);
        CHECK(got.counts[0] == 11);
        CHECK(got.counts[1] == 1002);
    }

    TEST_CASE("a group that loses its counters while it is read is not counted") {
        const fake::Page page;
        Registers registers{{{1, 1}}};
        registers.in_between = [&] { page.set(0, 5); };
        CHECK_FALSE(read({&page}, registers, std::index_sequence<0>{}).counted);
    }

    TEST_CASE("ticks become time by mult and shift, without losing bits") {
        // 3 GHz: 1/3 ns a tick.
        constexpr UserClock fast{.mult = 1431655765, .shift = 32};
        CHECK(fast.since_update(0, 3'000'000'000) == doctest::Approx(1e9).epsilon(1e-8));
        CHECK(fast.since_update(0, std::uint64_t{1} << 62) ==
              doctest::Approx(static_cast<double>(std::uint64_t{1} << 62) / 3).epsilon(1e-8));
        // 25 MHz: 40 ns a tick, as arm64 has it.
        constexpr UserClock slow{.mult = 40u << 20, .shift = 20};
        CHECK(slow.since_update(0, 12'345'678) == 12'345'678 * 40);
        CHECK(slow.since_update(std::uint64_t{0} - 1000, 100) == 3000);
    }

    TEST_CASE("a page without a clock has no time to add") {
        CHECK(UserClock{}.since_update(12345, 67890) == 0);
    }
}
