// Signals to a program that counts by the library: signalled_work.
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::uint64_t pages = 16; ///< that each call of "work" touches

std::string report_file() {
    return process::scratch() + "/program.json";
}

/// What the program has said.
std::uint64_t said(const Outcome& outcome, const std::string& name) {
    std::istringstream words(outcome.out);
    std::string word;
    for (std::uint64_t value = 0; words >> word >> value;)
        if (word == name)
            return value;
    FAIL_CHECK(name << " was not said: " << outcome.out << outcome.err);
    return 0;
}

Json region(const Json& result, const std::string& name) {
    for (const Json& sample : result["samples"])
        if (sample["scope"] == "region" && sample["id"] == name)
            return sample;
    return nullptr;
}

std::uint64_t faults_of(const Json& sample) {
    return find_by(sample["events"], "name", "page-faults")["raw"];
}

/// Runs it with its regions counted, and `act`s on it once it says that it is ready: by then each call counts.
Outcome told(const std::function<void(pid_t)>& act, const std::function<void()>& before = {}) {
    unlink(report_file().c_str());
    process::Setting setting;
    setting.in_child = [&] {
        setenv("PMC_EVENTS", "page-faults,task-clock", 1);
        setenv("PMC_REPORT", report_file().c_str(), 1);
        if (before)
            before();
    };
    setting.while_running = [&](pid_t pid) {
        const std::string status = "/proc/" + std::to_string(pid) + "/status";
        // It has its handler of SIGUSR1 when it is ready.
        REQUIRE(process::eventually([&] {
            const std::string text = process::read_file(status);
            const std::size_t caught = text.find("SigCgt:");
            return contains(text, "signalled_work") && caught != std::string::npos &&
                   (std::strtoull(text.c_str() + caught + 7, nullptr, 16) >> (SIGUSR1 - 1) & 1U) == 1;
        }));
        act(pid);
    };
    return fault::run_leaving_nothing({process::program("signalled_work"), "wait"}, setting);
}

/// Ended by SIGUSR1, which it handles: every call is there, with what it did.
void check_whole(const Outcome& outcome) {
    REQUIRE(outcome.status == 0);
    const std::uint64_t calls = said(outcome, "calls");
    const Json work = region(Json::parse(process::read_file(report_file())), "work");
    REQUIRE(!work.is_null());
    CHECK(work["region"]["calls"] == calls);
    CHECK(faults_of(work) >= (calls - 1) * pages); // the first one's were there already
    CHECK(faults_of(work) <= calls * pages + 8);   // the library's own pages, met in its first scope
}

} // namespace

TEST_SUITE("faults signalled program") {
    TEST_CASE("a signal that ends a program ends it as without the library, and no report is written") {
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
            CAPTURE(signal);
            const Outcome run = told([&](pid_t pid) { kill(pid, signal); }, [] { fault::limit(RLIMIT_CORE, 0); });
            CHECK(run.status == 128 + signal);
            CHECK(said(run, "dispositions_kept") == 1);
            CHECK_FALSE(process::exists(report_file()));
            CHECK(run.err.empty());
        }
    }

    TEST_CASE("a signal that the program ignores, or was started with ignored, changes nothing") {
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
            CAPTURE(signal);
            check_whole(told(
                [&](pid_t pid) {
                    for (int i = 0; i < 100; ++i)
                        kill(pid, signal);
                    kill(pid, SIGUSR1);
                },
                [&] { std::signal(signal, SIG_IGN); }));
        }
    }

    TEST_CASE("stopped and continued again and again, every call is counted, exactly") {
        check_whole(told([](pid_t pid) {
            for (int i = 0; i < 20; ++i) {
                kill(pid, SIGSTOP);
                usleep(2'000);
                kill(pid, SIGCONT);
                usleep(2'000);
            }
            kill(pid, SIGUSR1);
        }));
    }

    TEST_CASE("SIGCONT to a program that runs changes nothing") {
        check_whole(told([](pid_t pid) {
            for (int i = 0; i < 100; ++i)
                kill(pid, SIGCONT);
            kill(pid, SIGUSR1);
        }));
    }

    TEST_CASE("a handler may count as well, in the midst of what it interrupts: no deadlock, and no call is wrong") {
        unlink(report_file().c_str());
        for (const char* const how : {"", "syscall"}) {
            process::Setting setting;
            setting.in_child = [&] {
                setenv("PMC_EVENTS", "page-faults,task-clock", 1);
                setenv("PMC_REPORT", report_file().c_str(), 1);
                if (*how != '\0')
                    setenv("PMC_READ", how, 1);
            };
            const Outcome run =
                fault::run_leaving_nothing({process::program("signalled_work"), "storm", "2000"}, setting);
            REQUIRE(run.status == 0);
            CHECK(said(run, "dispositions_kept") == 1);
            CHECK(said(run, "bad_readings") == 0);
            const std::uint64_t calls = said(run, "calls");
            const std::uint64_t handlers = said(run, "handlers");
            CHECK(said(run, "faults") >= (calls - 2) * pages);
            const Json result = Json::parse(process::read_file(report_file()));
            const Json work = region(result, "work");
            const Json handled = region(result, "handled");
            CHECK(work["region"]["calls"] == calls);
            // One that came at a bad moment is dropped, and says so; it is never a wrong count.
            const std::uint64_t dropped = handled["region"].value("dropped", std::uint64_t{0});
            CHECK(handled["region"]["calls"].get<std::uint64_t>() + dropped == handlers + 1);
            CHECK(faults_of(work) >= (calls - 1) * pages);
            CHECK(faults_of(work) <= calls * pages + 32);
        }
    }
}
