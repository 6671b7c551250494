// What becomes of a group while it lives: wraps, children, other programs, other threads, limits. Re-tests on libpmc
// the behaviours that Vince Weaver's tests/rdpmc look at.
#include "loop.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <pmc/pmc.h>
#include <pmc/pmc.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <dirent.h>
#include <fstream>
#include <functional>
#include <grp.h>
#include <spawn.h>
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
using pmc::State;

namespace {

constexpr pmc::CounterId first{0};
const char* const user_access = "/proc/sys/kernel/perf_user_access";

/// What the group's first counter says of some code.
std::uint64_t count(const CounterGroup& group, const std::function<void()>& code) {
    const Reading before = group.read();
    code();
    const Reading spent = group.read() - before;
    REQUIRE(spent.state() == State::counted);
    return spent[first].raw();
}

/// The loop, as exactly as the clock's ticks let it: the smallest of some.
std::uint64_t loop_count(const CounterGroup& group, std::uint64_t rounds) {
    std::uint64_t least = UINT64_MAX;
    for (int i = 0; i < 10; ++i)
        least = std::min(least, count(group, [&] { loop(rounds); }));
    return least;
}

/// Whether it counts a hundred thousand instructions as that.
bool is_exact(const CounterGroup& group) {
    return loop_count(group, 60'000) - loop_count(group, 10'000) == 100'000;
}

int wait_for(pid_t child) {
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    return status;
}

/// Runs it in a child; its wait status: 0 if it found everything right.
int in_child(const std::function<bool()>& body) {
    const pid_t child = fork();
    if (child == 0)
        _exit(body() ? 0 : 1);
    return wait_for(child);
}

void set(const char* path, const std::string& value) {
    std::ofstream(path) << value;
}

/// Sets a file of /proc/sys for a while.
class Setting {
public:
    Setting(const char* path, const std::string& value) : path_(path), before_(process::read_file(path)) {
        set(path, value);
    }
    Setting(const Setting&) = delete;
    Setting& operator=(const Setting&) = delete;
    ~Setting() { set(path_, before_); }

private:
    const char* path_;
    std::string before_;
};

/// A user that has no rights and may lock no memory of its own.
bool become_nobody() {
    const rlimit none{0, 0};
    return setrlimit(RLIMIT_MEMLOCK, &none) == 0 && setgroups(0, nullptr) == 0 && setgid(65534) == 0 &&
           setuid(65534) == 0;
}

/// Links in /proc/self/fd: all of them, and those to perf events.
struct Files {
    int all = 0;
    int perf = 0;
};
Files open_files() {
    Files files;
    DIR* const folder = opendir("/proc/self/fd");
    REQUIRE(folder != nullptr);
    while (const dirent* const entry = readdir(folder)) {
        std::array<char, 64> target{};
        if (readlinkat(dirfd(folder), entry->d_name, target.data(), target.size() - 1) < 0)
            continue;
        ++files.all;
        files.perf += contains(target.data(), "perf_event") ? 1 : 0;
    }
    closedir(folder);
    return files;
}

auto mappings() {
    const std::string text = process::read_file("/proc/self/maps");
    return std::count(text.begin(), text.end(), '\n');
}

/// Crosses 2^32, and with it the end of a 32-bit counter: twice, as the kernel starts it in the middle. In the lab an
/// instruction takes a cycle, so both counters go the same way.
void cross_the_wrap(const CounterGroup& group) {
    constexpr std::uint64_t part = 200'000'000;
    constexpr int parts = 22;
    const Reading start = group.read();
    Reading last = start;
    for (int i = 0; i < parts; ++i) {
        loop(part / 2);
        const Reading now = group.read();
        const Reading spent = now - last;
        REQUIRE(spent.state() == State::counted);
        for (const pmc::CounterId id : group.ids<2>()) {
            // A tick of the clock adds a few instructions.
            REQUIRE(spent[id].raw() >= part);
            REQUIRE(spent[id].raw() < part + part / 10'000);
        }
        last = now;
    }
    const Reading all = last - start;
    for (const pmc::CounterId id : group.ids<2>()) {
        CHECK(all[id].raw() > UINT32_MAX);
        CHECK(all[id].raw() >= parts * part);
        CHECK(all[id].raw() < parts * part + part / 1'000);
        CHECK(all[id].coverage() == 1.0);
    }
}

} // namespace

TEST_SUITE("lab user access") {
    TEST_CASE("a counter of 32 bits that wraps counts on: the user read") {
        const CounterGroup group{"instructions", "cycles"};
        REQUIRE(group.read_path() == ReadPath::user_read);
        cross_the_wrap(group);
    }

    TEST_CASE("two groups that count cycles are both on the counters all the time, though there is one cycle counter") {
        const CounterGroup group{"cycles", "instructions"};
        const CounterGroup other{"cycles", "instructions"};
        REQUIRE(group.read_path() == ReadPath::user_read);
        REQUIRE(other.read_path() == ReadPath::user_read);
        const Reading before = group.read();
        const Reading others_before = other.read();
        loop(50'000'000);
        const Reading spent = group.read() - before;
        const Reading others = other.read() - others_before;
        for (const Reading& reading : {spent, others}) {
            CHECK(reading[first].coverage() == 1.0);
            CHECK(reading[first].raw() >= 100'000'000);
            CHECK(reading[first].raw() < 100'100'000);
        }
    }

    TEST_CASE("a fork's child is not in the group, and its parent goes on") {
        const CounterGroup group{"instructions", "cycles"};
        const std::uint64_t spent = count(group, [&] {
            CHECK(in_child([&] {
                      loop(5'000'000);
                      return group.read().state() == State::not_counted;
                  }) == 0);
        });
        CHECK(spent < 1'000'000);
        CHECK(group.read_path() == ReadPath::user_read);
        CHECK(is_exact(group));
    }

    TEST_CASE("a child that starts by vfork and exec is not in the group, and its parent goes on") {
        const CounterGroup group{"instructions", "cycles"};
        std::string program = process::program("exact_1000000");
        const std::array<char*, 2> argv{program.data(), nullptr};
        const std::uint64_t spent = count(group, [&] {
            pid_t child = -1; // a vfork in glibc: the child is in its parent's memory until its exec
            REQUIRE(posix_spawnp(&child, program.c_str(), nullptr, nullptr, argv.data(), environ) == 0);
            CHECK(wait_for(child) == 0);
        });
        CHECK(spent < 500'000);
        CHECK(is_exact(group));
    }

    TEST_CASE("other threads are not in the group, whoever reads it") {
        const CounterGroup group{"instructions"};
        Reading theirs;
        const Reading before = group.read();
        std::thread{[&] {
            loop(5'000'000);
            theirs = group.read();
        }}.join();
        const Reading after = group.read();
        CHECK((theirs - before).state() == State::counted);
        CHECK((theirs - before)[first].raw() < 1'000'000);
        CHECK((after - theirs).state() == State::counted);
    }

    TEST_CASE("threads that read a group while its own thread counts see it grow, and don't disturb it") {
        const CounterGroup group{"instructions", "cycles"};
        std::atomic<bool> done{false};
        std::atomic<int> good{0};
        std::atomic<int> bad{0};
        const auto read_on = [&] {
            Reading last = group.read();
            while (!done) {
                const Reading now = group.read();
                ++((now - last).state() == State::counted ? good : bad);
                last = now;
            }
        };
        std::array readers{std::thread{read_on}, std::thread{read_on}};
        Reading last = group.read();
        for (int i = 0; i < 1000; ++i) {
            loop(50'000);
            const Reading now = group.read();
            const Reading spent = now - last;
            REQUIRE(spent.state() == State::counted);
            REQUIRE(spent[first].raw() >= 100'000);
            REQUIRE(spent[first].raw() < 110'000);
            last = now;
        }
        done = true;
        for (std::thread& reader : readers)
            reader.join();
        CHECK(good > 0);
        CHECK(bad == 0);
    }

    TEST_CASE("a program that takes this one's place inherits no counter") {
        const CounterGroup group{"instructions", "cycles"};
        REQUIRE(open_files().perf == 2);
        Outcome outcome = process::run({"ls", "-l", "/proc/self/fd"}); // a child's
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.out, "/dev/null"));
        CHECK_FALSE(contains(outcome.out, "perf_event"));
        // And that of a process which has counters of its own.
        outcome = process::run({"ls", "-l", "/proc/self/fd"}, {.in_child = [] {
                                   static const CounterGroup own{"instructions"};
                                   if (own.read().state() != State::counted)
                                       _exit(1);
                               }});
        CHECK(outcome.status == 0);
        CHECK_FALSE(contains(outcome.out, "perf_event"));
    }

    TEST_CASE("when the last page that may be locked is taken, system calls count, until one is given back") {
        const Setting limit{"/proc/sys/kernel/perf_event_mlock_kb", "16"}; // four pages with one CPU
        const Setting paranoid{"/proc/sys/kernel/perf_event_paranoid", "2"};
        CHECK(in_child([] {
                  if (!become_nobody())
                      return false;
                  std::vector<CounterGroup> groups;
                  groups.reserve(5);
                  for (int i = 0; i < 5; ++i)
                      groups.push_back(CounterGroup{"instructions"});
                  for (std::size_t i = 0; i < groups.size(); ++i)
                      if ((groups[i].read_path() == ReadPath::user_read) != (i < 4) || !is_exact(groups[i]))
                          return false;
                  if (groups[4].read_path_reason().error != EPERM || groups[4].read_path_reason().remedy.empty())
                      return false;
                  groups.erase(groups.begin());
                  const CounterGroup next{"instructions"};
                  return next.read_path() == ReadPath::user_read && is_exact(next);
              }) == 0);
    }

    TEST_CASE("ten groups, opened and closed a thousand times, leave no file and no mapping") {
        const auto ten = [] {
            std::vector<CounterGroup> groups;
            for (const char* events : {"instructions", "cycles", "instructions", "instructions", "instructions",
                                       "instructions", "task-clock", "task-clock", "page-faults:u", "minor-faults:u"})
                groups.push_back(CounterGroup{events});
            for (const CounterGroup& group : groups)
                REQUIRE(group.read().state() == State::counted);
        };
        ten();
        const int files = open_files().all;
        const auto maps = mappings();
        for (int i = 0; i < 1000; ++i)
            ten();
        CHECK(open_files().all == files);
        CHECK(mappings() == maps);
    }

    TEST_CASE("PMC_READ=syscall lives through the loss of the user access while it reads") {
        setenv("PMC_READ", "syscall", 1);
        const CounterGroup group{"instructions", "cycles"};
        unsetenv("PMC_READ");
        CHECK(is_exact(group));
        const Reading before = group.read();
        {
            const Setting off{user_access, "0"};
            REQUIRE(process::read_file(user_access) == "0\n");
            CHECK((group.read() - before).state() == State::counted);
            CHECK(is_exact(group));
        }
        CHECK(is_exact(group));
    }

    TEST_CASE("without it the loss ends the program by a signal, as docs/performance.md says") {
        const Setting on{user_access, "1"};
        const int status = in_child([] {
            const rlimit no_core{0, 0};
            setrlimit(RLIMIT_CORE, &no_core);
            std::signal(SIGILL, SIG_DFL); // doctest's
            const CounterGroup group{"instructions"};
            if (group.read_path() != ReadPath::user_read)
                return false;
            set(user_access, "0");
            for (int i = 0; i < 1000; ++i)
                (void)group.read();
            return true;
        });
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == SIGILL);
    }

    TEST_CASE("C reads by the instruction, as exactly as C++ and as fast") {
        pmc_group* handle = nullptr;
        REQUIRE(pmc_open(&handle, "instructions,instructions", 0) == PMC_OK);
        CHECK(pmc_read_path(handle) == PMC_USER_READ);
        CHECK(*pmc_read_path_reason(handle) == '\0');
        const auto loop_in_c = [&](std::uint64_t rounds) {
            std::uint64_t least = UINT64_MAX;
            for (int i = 0; i < 10; ++i) {
                pmc_reading before;
                pmc_reading after;
                pmc_read(handle, &before);
                loop(rounds);
                pmc_read(handle, &after);
                pmc_subtract(&after, &after, &before);
                double value = 0;
                REQUIRE(pmc_value(&after, 0, &value));
                CHECK(value == static_cast<double>(pmc_raw(&after, 0)));
                least = std::min(least, pmc_raw(&after, 0));
            }
            return least;
        };
        CHECK(loop_in_c(60'000) - loop_in_c(10'000) == 100'000);

        constexpr std::uint64_t times = 1000;
        const CounterGroup meter{"instructions"};
        const CounterGroup counters{"instructions", "instructions"};
        const std::uint64_t in_c = count(meter, [&] {
            pmc_reading reading;
            for (std::uint64_t i = 0; i < times; ++i) {
                pmc_read(handle, &reading);
                asm volatile("" : : "r"(&reading) : "memory");
            }
        });
        const std::uint64_t in_cpp = count(meter, [&] {
            for (std::uint64_t i = 0; i < times; ++i) {
                const Reading reading = counters.read();
                asm volatile("" : : "r"(&reading) : "memory");
            }
        });
        CAPTURE(in_c);
        CAPTURE(in_cpp);
        CHECK(in_c < in_cpp + 10 * times); // a call, and whether there is a group and a place for it
        pmc_close(handle);
    }

    TEST_CASE("a region of C that nobody measures costs at most twenty instructions") {
        REQUIRE_FALSE(pmc_is_measuring());
        pmc_region* const region = pmc_region_named("dormant");
        constexpr std::uint64_t times = 1000;
        const CounterGroup meter{"instructions"};
        const std::uint64_t spent = count(meter, [&] {
            for (std::uint64_t i = 0; i < times; ++i) {
                pmc_region_begin(region);
                (void)pmc_region_end(region);
                asm volatile("" : : : "memory");
            }
        });
        CAPTURE(spent);
        CHECK(spent < 20 * times);
    }
}

TEST_SUITE("lab read path") {
    TEST_CASE("a counter of 32 bits that wraps counts on: system calls") {
        const CounterGroup group{"instructions", "cycles"};
        REQUIRE(group.read_path() == ReadPath::system_call);
        cross_the_wrap(group);
    }

    TEST_CASE("without the user access a group of C says why, and what to do") {
        pmc_group* handle = nullptr;
        REQUIRE(pmc_open(&handle, "instructions", 0) == PMC_OK);
        CHECK(pmc_read_path(handle) == PMC_SYSTEM_CALL);
        CHECK(contains(pmc_read_path_reason(handle), "kernel.perf_user_access is 0"));
        CHECK(contains(pmc_read_path_hint(handle), "kernel.perf_user_access=1"));
        pmc_close(handle);
    }
}
