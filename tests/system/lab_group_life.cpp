// What becomes of a group while it lives: wraps, forks, execs, other threads, limits. After the list of behaviours in
// Vince Weaver's tests/rdpmc.
#include "process.hpp"

#include <doctest/doctest.h>

#include <pmc/pmc.hpp>

#include <cstdint>

using pmc::CounterGroup;
using pmc::Reading;
using pmc::ReadPath;
using pmc::State;

namespace {

/// Two instructions a round, and one more.
[[gnu::noinline]] void loop(std::uint64_t rounds) {
#ifdef __aarch64__
    asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
#else
    asm volatile("1: dec %0\n\tjne 1b" : "+r"(rounds) : : "cc");
#endif
}

} // namespace

TEST_SUITE("lab user access") {
    TEST_CASE("a 32-bit counter that wraps goes on") {
        const CounterGroup group{"instructions", "cycles"};
        const Reading before = group.read();
        loop(500'000'000);
        const Reading spent = group.read() - before;
        CHECK(spent[pmc::CounterId{0}].raw() == 1'000'000'001);
    }
}
