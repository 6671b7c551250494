#include "kernel/cpu_visit.hpp"

#include "machine/topology.hpp"

#include <doctest/doctest.h>

#include <sched.h>
#include <thread>

using pmc::kernel::CpuVisit;

namespace {

cpu_set_t allowed() {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    REQUIRE(sched_getaffinity(0, sizeof cpus, &cpus) == 0);
    return cpus;
}

} // namespace

TEST_SUITE_BEGIN("cpu_visit");

TEST_CASE("a visit takes this thread to each CPU, and lets it go where it could before") {
    const cpu_set_t before = allowed();
    {
        CpuVisit visit;
        for (const int cpu : pmc::online_cpus()) {
            if (!CPU_ISSET(static_cast<unsigned>(cpu), &before))
                continue;
            visit.go_to(cpu);
            CHECK(sched_getcpu() == cpu);
            visit.go_to(cpu);
            CHECK(sched_getcpu() == cpu);
        }
    }
    const cpu_set_t after = allowed();
    CHECK(CPU_EQUAL(&before, &after));
}

TEST_CASE("no other thread is taken along, and one that was bound stays so") {
    const cpu_set_t before = allowed();
    std::thread([] {
        cpu_set_t here;
        CPU_ZERO(&here);
        CPU_SET(static_cast<unsigned>(sched_getcpu()), &here);
        REQUIRE(sched_setaffinity(0, sizeof here, &here) == 0);
        {
            CpuVisit visit;
            for (const int cpu : pmc::online_cpus())
                visit.go_to(cpu);
        }
        const cpu_set_t after = allowed();
        CHECK(CPU_EQUAL(&here, &after));
    }).join();
    const cpu_set_t after = allowed();
    CHECK(CPU_EQUAL(&before, &after));
}

TEST_CASE("a CPU that is not there is no place to go to") {
    const cpu_set_t before = allowed();
    CpuVisit visit;
    for (const int cpu : {-1, 8191, 8192, 1 << 30})
        visit.go_to(cpu);
    const cpu_set_t after = allowed();
    CHECK(CPU_EQUAL(&before, &after));
}

TEST_SUITE_END();
