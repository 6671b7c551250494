#include "machine/clocking.hpp"

#include <doctest/doctest.h>

#include <string>

using pmc::Clocking;
using pmc::read_clocking;
using Files = pmc::kernel::FileTree::Files;

namespace {

Clocking read(Files files) {
    return read_clocking(pmc::kernel::FileTree("(described)", std::move(files)));
}

} // namespace

TEST_SUITE("clocking") {
    TEST_CASE("an x86 machine says its microcode, governor and boost") {
        const Clocking clocking = read({{"/proc/cpuinfo", "processor\t: 0\nmicrocode\t: 0x2007006\nflags\t: fpu\n"},
                                        {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave"},
                                        {"/sys/devices/system/cpu/cpufreq/boost", "1\n"}});
        CHECK(clocking.microcode == "0x2007006");
        CHECK(clocking.governor == "powersave");
        CHECK(clocking.boost == true);
    }

    TEST_CASE("intel_pstate's switch is the other way round, and comes first") {
        CHECK(read({{"/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n"},
                    {"/sys/devices/system/cpu/cpufreq/boost", "1\n"}})
                  .boost == false);
        CHECK(read({{"/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n"}}).boost == true);
    }

    TEST_CASE("the CPU's own switch is read where there is none for all") {
        CHECK(read({{"/sys/devices/system/cpu/cpu0/cpufreq/boost", "0\n"}}).boost == false);
    }

    TEST_CASE("what is not there is not known") {
        const Clocking clocking = read({{"/proc/cpuinfo", "processor\t: 0\n"}});
        CHECK(clocking.microcode.empty());
        CHECK(clocking.governor.empty());
        CHECK_FALSE(clocking.boost.has_value());
    }
}
