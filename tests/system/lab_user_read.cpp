// The user read for real: arm64's counter registers, with kernel.perf_user_access=1 and without.
#include "loop.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <pmc/pmc.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <grp.h>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using pmc::CounterGroup;
using pmc::Reading;
using pmc::ReadPath;
using pmc::ReadPolicy;
using pmc::State;

namespace {

/// instructions:u as many times as asked for.
CounterGroup instructions(std::size_t times, ReadPolicy policy = ReadPolicy::automatic) {
    const std::vector<std::string_view> names(times, "instructions");
    return CounterGroup{names, policy};
}

/// What the loop took by the group's first counter. The smallest of some: a tick of the clock adds a few instructions
/// (QEMU leaves counters on for a moment after an exception).
std::uint64_t cost(const CounterGroup& group, std::uint64_t rounds) {
    std::uint64_t least = UINT64_MAX;
    for (int i = 0; i < 10; ++i) {
        const Reading before = group.read();
        loop(rounds);
        const Reading spent = group.read() - before;
        REQUIRE(spent.state() == State::counted);
        least = std::min(least, spent[pmc::CounterId{0}].raw());
    }
    return least;
}

/// Runs it in a child, which must not crash; 0: it found everything right.
int in_child(const std::function<bool()>& body) {
    const pid_t child = fork();
    if (child == 0)
        _exit(body() ? 0 : 1);
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    return status;
}

std::size_t lines_in(const char* path) {
    const std::string text = process::read_file(path);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

void set(const char* path, const std::string& value) {
    std::ofstream(path) << value;
}

/// A number of tests/bench's table; -1: it is not there.
double cost_in(const std::string& table, const std::string& what, std::size_t column) {
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        // The names stand in columns of 44.
        if (line.size() <= 44 || line.substr(0, line.find_last_not_of(' ', 43) + 1) != what)
            continue;
        std::istringstream costs(line.substr(44));
        double cost = -1;
        for (std::size_t i = 0; i <= column; ++i)
            if (!(costs >> cost))
                FAIL("no number of " << what);
        return cost;
    }
    FAIL("no row of " << what);
    return -1;
}

} // namespace

TEST_SUITE("lab user access") {
    TEST_CASE("with kernel.perf_user_access=1 a group is read by the processor's instruction") {
        const CounterGroup group{"cycles", "instructions"};
        CHECK_MESSAGE(group.read_path() == ReadPath::user_read, group.read_path_reason().evidence);
        CHECK(group.read().state() == State::counted);
    }

    TEST_CASE("a loop of a known number of instructions counts as exactly that, by both paths") {
        for (const ReadPolicy policy : {ReadPolicy::automatic, ReadPolicy::system_call})
            for (const std::size_t counters : {1u, 2u, 4u, 6u}) {
                CAPTURE(counters);
                const CounterGroup group = instructions(counters, policy);
                REQUIRE((group.read_path() == ReadPath::user_read) == (policy == ReadPolicy::automatic));
                const std::uint64_t few = cost(group, 10'000);
                CHECK(cost(group, 10'000) == few);
                CHECK(cost(group, 60'000) - few == 100'000);
            }
    }

    TEST_CASE("both paths agree on the same group, in counts and in times") {
        const CounterGroup group{"cycles", "instructions"};
        REQUIRE(group.read_path() == ReadPath::user_read);
        const Reading before = group.read();
        Reading between;
        std::thread{[&] { between = group.read(); }}.join(); // another thread reads by a system call
        const Reading after = group.read();
        for (const pmc::CounterId id : group.ids<2>()) {
            CHECK((between - before)[id].has_value());
            CHECK((after - between)[id].has_value());
            CHECK(between[id].raw() > before[id].raw());
            CHECK(after[id].raw() > between[id].raw());
        }
        CHECK(between.enabled_ns() >= before.enabled_ns());
        CHECK(after.enabled_ns() >= between.enabled_ns());
        CHECK((after - before)[pmc::CounterId{0}].coverage() == 1.0);
    }

    TEST_CASE("the time between two readings is that of the loop: 1 ns an instruction") {
        const CounterGroup group = instructions(1);
        const Reading before = group.read();
        loop(1'000'000);
        const Reading spent = group.read() - before;
        CHECK(static_cast<double>(spent.running_ns()) == doctest::Approx(2e6).epsilon(0.05));
    }

    TEST_CASE("several groups are read beside each other") {
        const std::array groups{CounterGroup{"cycles", "instructions"}, instructions(2), instructions(3)};
        for (const CounterGroup& group : groups)
            CHECK(group.read_path() == ReadPath::user_read);
        const std::uint64_t few = cost(groups[1], 10'000);
        CHECK(cost(groups[2], 60'000) - cost(groups[2], 10'000) == 100'000);
        CHECK(cost(groups[1], 60'000) - few == 100'000);
    }

    TEST_CASE("two cycle events fit, though there is one cycle counter") {
        const CounterGroup group{"cycles", "cycles"};
        const auto [one, other] = group.ids<2>();
        const Reading before = group.read();
        loop(10'000);
        const Reading spent = group.read() - before;
        CHECK(spent[one].value() == doctest::Approx(spent[other].value()).epsilon(0.01));
    }

    TEST_CASE("more events than counters are refused, with or without user access") {
        for (const ReadPolicy policy : {ReadPolicy::automatic, ReadPolicy::system_call}) {
            const std::vector<std::string_view> names(8, "instructions");
            const auto group = CounterGroup::open(names, policy);
            REQUIRE_FALSE(group);
            CHECK(group.error().reason().cause == pmc::Cause::group_too_large);
        }
    }

    TEST_CASE("groups that take turns are right within 5 %, and marked") {
        std::vector<CounterGroup> groups;
        for (int i = 0; i < 4; ++i)
            groups.push_back(instructions(3));
        std::vector<Reading> before;
        before.reserve(groups.size());
        for (const CounterGroup& group : groups)
            before.push_back(group.read());
        constexpr std::uint64_t rounds = 100'000'000;
        loop(rounds);
        for (std::size_t i = 0; i < groups.size(); ++i) {
            CAPTURE(i);
            const Reading spent = groups[i].read() - before[i];
            REQUIRE(spent.state() == State::counted);
            CHECK(spent[pmc::CounterId{2}].value() == doctest::Approx(2.0 * rounds).epsilon(0.05));
            CHECK(spent[pmc::CounterId{2}].coverage() < 0.9);
        }
    }

    TEST_CASE("in a fork's child a group is not counted, and a new one is exact") {
        const CounterGroup group{"cycles", "instructions"};
        REQUIRE(group.read_path() == ReadPath::user_read);
        CHECK(in_child([&] {
                  const Reading reading = group.read();
                  if (reading.state() != State::not_counted || reading.size() != 2)
                      return false;
                  const CounterGroup own = instructions(1);
                  return own.read_path() == ReadPath::user_read && cost(own, 60'000) - cost(own, 10'000) == 100'000;
              }) == 0);
        CHECK(group.read().state() == State::counted);
    }

    TEST_CASE("a group does not stand in the way of exec") {
        CHECK(in_child([] {
                  const CounterGroup group = instructions(2);
                  (void)group.read();
                  execlp("true", "true", nullptr);
                  return false;
              }) == 0);
    }

    TEST_CASE("the group of a thread that ended holds what it counted, also when a new thread has its place") {
        std::optional<CounterGroup> group;
        std::thread{[&] {
            group.emplace(instructions(1));
            loop(100'000);
        }}.join();
        const Reading last = group->read();
        CHECK(last.state() == State::counted);
        CHECK(last[pmc::CounterId{0}].raw() >= 200'000);
        std::thread{[&] {
            loop(100'000);
            CHECK(group->read()[pmc::CounterId{0}].raw() == last[pmc::CounterId{0}].raw());
        }}.join();
    }

    TEST_CASE("short threads with groups of their own leave no file and no mapping") {
        const auto one = [] {
            std::thread{[] {
                const CounterGroup group = instructions(2);
                CHECK(group.read().state() == State::counted);
            }}.join();
        };
        one();
        const std::size_t maps = lines_in("/proc/self/maps");
        for (int i = 0; i < 200; ++i)
            one();
        CHECK(lines_in("/proc/self/maps") == maps);
        const int fd = dup(0);
        close(fd);
        CHECK(fd < 20);
    }

    TEST_CASE("where no page can be locked any more, system calls count") {
        set("/proc/sys/kernel/perf_event_mlock_kb", "0");
        const std::string paranoid = process::read_file("/proc/sys/kernel/perf_event_paranoid");
        set("/proc/sys/kernel/perf_event_paranoid", "2");
        CHECK(in_child([] {
                  const rlimit none{0, 0};
                  if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || setgroups(0, nullptr) != 0 || setgid(65534) != 0 ||
                      setuid(65534) != 0)
                      return false;
                  const CounterGroup group = instructions(1);
                  return group.read_path() == ReadPath::system_call && group.read_path_reason().error == EPERM &&
                         cost(group, 60'000) - cost(group, 10'000) == 100'000;
              }) == 0);
        set("/proc/sys/kernel/perf_event_paranoid", paranoid);
        set("/proc/sys/kernel/perf_event_mlock_kb", "516");
    }

    TEST_CASE("PMC_READ=syscall keeps a whole program to system calls") {
        setenv("PMC_READ", "syscall", 1);
        const CounterGroup group{"cycles", "instructions"};
        unsetenv("PMC_READ");
        CHECK(group.read_path() == ReadPath::system_call);
        CHECK(contains(group.read_path_reason().evidence, "PMC_READ"));
    }

    TEST_CASE("what a region costs is held to its limits") {
        const std::string paranoid = process::read_file("/proc/sys/kernel/perf_event_paranoid");
        set("/proc/sys/kernel/perf_event_paranoid", "2"); // above it PAPI counts nothing, not for root either
        const Outcome outcome = process::run({"read_cost"});
        set("/proc/sys/kernel/perf_event_paranoid", paranoid);
        CAPTURE(outcome.out);
        CAPTURE(outcome.err);
        REQUIRE(outcome.status == 0);
        for (std::size_t column = 0; column < 3; ++column) {
            CAPTURE(column);
            const auto cost = [&](const std::string& what) { return cost_in(outcome.out, what, column); };
            const double floor = cost("hand-written user read");
            const double group = cost("CounterGroup");
            CHECK(group <= 1.25 * floor);
            CHECK((column > 0 || group < 140));
            for (const char* const scope : {"Scope", "Scope, 64 regions in turn", "Scope, on the 100th thread"}) {
                CAPTURE(scope);
                CHECK(cost(scope) <= 1.5 * group);
                CHECK(cost(std::string(scope) + ", shared library") <= 1.5 * group);
            }
            CHECK(cost("Scope, dormant") <= 5);
            CHECK(cost("Scope, dormant, shared library") <= 5);
            // By system calls nearly all is the kernel's.
            CHECK(cost("CounterGroup, system call") <= 1.25 * cost("hand-written read()"));
            CHECK(cost("Scope, system call") <= 1.25 * cost("hand-written read()"));
        }
    }
}

TEST_SUITE("lab read path") {
    TEST_CASE("without user access a group is read by system calls, exactly, and says why and what to do") {
        const CounterGroup group{"instructions", "cycles"};
        CHECK(group.read_path() == ReadPath::system_call);
        CHECK(contains(group.read_path_reason().evidence, "kernel.perf_user_access is 0"));
        CHECK(contains(group.read_path_reason().remedy, "kernel.perf_user_access=1"));
        CHECK(cost(group, 60'000) - cost(group, 10'000) == 100'000);
    }

    TEST_CASE("a fork's child does not take its parent's counts for its own") {
        const CounterGroup group{"instructions"};
        CHECK(in_child([&] { return group.read().state() == State::not_counted; }) == 0);
        CHECK(group.read().state() == State::counted);
    }
}
