// read() that is interrupted, ends early or brings less than there is: each read of pmcstat's, one after the other.
#include "bent_read.hpp"
#include "fault.hpp"
#include "fresh_pages.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <pmc/pmc.hpp>
#include <pmc/result.hpp>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

using bent_read::How;
using fault::pmcstat_leaving_nothing;

namespace {

constexpr long pages = 500;

struct Bent {
    Outcome outcome;
    long reads = 0; ///< as bent_read::bend says
};

Bent run(const std::vector<std::string>& arguments, long nth, How how, const std::function<void()>& in_child = {}) {
    Bent bent;
    process::Setting setting;
    setting.in_child = [&] {
        if (in_child)
            in_child();
        bent_read::offer();
    };
    setting.while_running = [&](pid_t pid) { bent.reads = bent_read::bend(pid, nth, how); };
    bent.outcome = pmcstat_leaving_nothing(arguments, setting);
    return bent;
}

struct Limits {
    double least = 0;
    double most = 0;
};

/// Of the clock of what runs on so many CPUs at once. It is 0 only of who did not get to run, as on a busy machine a
/// process in an interval.
Limits clock_limits(const Json& sample, double at_once) {
    constexpr double between_s = 0.1; // the look at the clock and the read, of who is traced on a busy machine
    const double seconds = sample["end_s"].get<double>() - sample["start_s"].get<double>();
    const bool never_ran = find_by(sample["events"], "name", "task-clock").value("running_ns", 0.0) == 0;
    return {never_ran ? 0.0 : 1.0, at_once * (seconds + between_s) * 1e9};
}

/// What must hold of a count whatever happened to a read: it is what it would have been, or it is not there, and why.
void check(const Json& event, const Limits& limits) {
    CAPTURE(event.dump());
    REQUIRE(event.contains("raw"));
    if (event["raw"].is_null()) {
        CHECK_FALSE(event["state"].get<std::string>().empty());
        CHECK_FALSE(event["reason"].get<std::string>().empty());
        return;
    }
    CHECK(event["raw"] >= limits.least);
    CHECK(event["raw"] <= limits.most);
}

/// A machine of many CPUs has reads for each, and measure() has many alike: some of them, evenly.
long step_of(long reads) {
    constexpr long most_runs = 50;
    return (reads + most_runs - 1) / most_runs;
}

/// What a sweep counts, and by what that is bounded.
struct Swept {
    std::vector<std::string> arguments;
    int status = 0;
    std::size_t samples = 1;
    double at_once = 1; ///< CPUs that the clock can run on
    Limits faults;
};

/// Bends each read of pmcstat's in turn.
void sweep(const Swept& swept, How how) {
    const Bent whole = run(swept.arguments, LONG_MAX, how);
    REQUIRE_MESSAGE(whole.outcome.status == swept.status, whole.outcome.err);
    REQUIRE(whole.reads > 5);
    long bent = 0;
    double clock_ns = 0;
    for (long nth = 0; nth < whole.reads; nth += step_of(whole.reads)) {
        CAPTURE(nth);
        const Bent one = run(swept.arguments, nth, how);
        const Outcome& outcome = one.outcome;
        bent += one.reads == nth + 1 ? 1 : 0;
        CAPTURE(outcome.out);
        CAPTURE(outcome.err);
        CHECK(outcome.status == swept.status);
        const Json result = Json::parse(outcome.err, nullptr, false);
        REQUIRE_FALSE(result.is_discarded());
        CHECK(result["samples"].size() == swept.samples);
        for (const Json& sample : result["samples"]) {
            const Json task_clock = find_by(sample["events"], "name", "task-clock");
            check(task_clock, clock_limits(sample, swept.at_once));
            check(find_by(sample["events"], "name", "page-faults"), swept.faults);
            clock_ns += task_clock["raw"].is_number() ? task_clock["raw"].get<double>() : 0;
            // It is asked again. In an interval the target may not have been on a CPU.
            if (how == How::interrupted && task_clock["raw"].is_null())
                CHECK_MESSAGE(task_clock["cause"] == "never_ran", task_clock.dump());
        }
    }
    CHECK(bent > 5);
    CHECK(clock_ns > 0); // what is watched is busy
}

void sweep_run(How how) {
    const std::string command = process::program("workers") + " faults " + std::to_string(pages) + "; exit 3";
    sweep({.arguments = {"--format", "json", "-e", "task-clock,page-faults", "--", "sh", "-c", command},
           .status = 3,
           .at_once = 2, // the shell, and what it starts
           .faults = {pages, 4 * pages}},
          how);
}

void sweep_attach(How how) {
    const fault::Target busy("while :; do :; done");
    sweep({.arguments = {"--format", "json", "-e", "task-clock,page-faults", "-I", "20", "--count", "2", "-p",
                         busy.pid()},
           .samples = 2,
           .faults = {0, 100}},
          how);
}

void sweep_all(How how) {
    const std::vector<std::string> arguments{"--format", "json", "-e", "task-clock,page-faults", "-I", "20",
                                             "--count",  "2",    "-a"};
    if (fault::are_refused(arguments))
        return;
    sweep({.arguments = arguments,
           .samples = 2,
           .at_once = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)),
           .faults = {0, 1e8}},
          how);
}

/// What pmcstat reads beside its counters: it says the same as with whole reads, or what is wrong with the file.
void sweep_replay(How how) {
    const std::string file = process::scratch() + "/recorded.json";
    REQUIRE(process::pmcstat({"--format", "json", "-o", file, "-e", "task-clock", "--", "true"}).status == 0);
    const std::vector<std::string> arguments{"--replay", file};
    const Bent whole = run(arguments, LONG_MAX, how);
    REQUIRE(whole.outcome.status == 0);
    for (long nth = 0; nth < whole.reads; nth += step_of(whole.reads)) {
        CAPTURE(nth);
        const Outcome outcome = run(arguments, nth, how).outcome;
        CAPTURE(outcome.err);
        if (how == How::interrupted || outcome.status == 0) {
            CHECK(outcome.status == 0);
            CHECK(outcome.err == whole.outcome.err);
        } else {
            CHECK(outcome.status == 125);
            CHECK(contains(outcome.err, "recorded.json"));
            CHECK(contains(outcome.err, "\n  hint: "));
        }
    }
}

/// A control descriptor at which a command waits; the counting goes on, and the command's status stands.
void sweep_control(How how) {
    const auto with_command = [] {
        int ends[2];
        const bool is_ready = pipe(ends) == 0 && dup2(ends[0], 9) == 9 && write(ends[1], "ping\n", 5) == 5;
        if (!is_ready)
            _exit(99);
    };
    const std::vector<std::string> arguments{"--format",  "json", "-o", "/dev/stdout",
                                             "--control", "fd:9", "-e", "task-clock",
                                             "--",        "sh",   "-c", "sleep 0.02; exit 3"};
    const Bent whole = run(arguments, LONG_MAX, how, with_command);
    for (long nth = 0; nth < whole.reads; nth += step_of(whole.reads)) {
        CAPTURE(nth);
        const Outcome outcome = run(arguments, nth, how, with_command).outcome;
        CAPTURE(outcome.out);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 3);
        const Json result = Json::parse(outcome.out, nullptr, false);
        REQUIRE_FALSE(result.is_discarded());
        const Json& sample = result["samples"][0];
        check(find_by(sample["events"], "name", "task-clock"), clock_limits(sample, 2));
    }
}

constexpr std::size_t touched = 64;

void touch_pages() {
    touch_fresh_pages(touched);
}

/// What one face of the library says of the pages that were touched: a line of what it is.
void say(const char* face, bool has_value, double value, const pmc::Reason& reason) {
    const bool is_right = value >= touched && value < 2 * touched;
    if (has_value)
        dprintf(STDOUT_FILENO, "%s: %s %.0f\n", face, is_right ? "right" : "WRONG", value);
    else
        dprintf(STDOUT_FILENO, "%s: none, %s\n", face, reason.evidence.c_str());
}

constinit pmc::Region region{"touch"};

/// A program that counts its own page faults by the library.
[[noreturn]] void count_oneself() {
    if (const auto group = pmc::CounterGroup::open({"page-faults"})) {
        const pmc::Reading start = group->read();
        touch_pages();
        const pmc::Reading spent = group->read() - start;
        const pmc::CounterId faults = group->id("page-faults");
        say("group", spent[faults].has_value(), spent[faults].value_or(0), {});
    } else {
        say("group", false, 0, group.error().reason());
    }
    const pmc::MeasureOptions few{.events = "page-faults", .budget_s = 10, .warmup = 1, .min_runs = 3, .max_runs = 9};
    const pmc::Measurement measured = pmc::measure(few, touch_pages);
    const pmc::MeasuredValue& faults = measured["page-faults"];
    say("measure", faults.has_value(), faults.has_value() ? faults.median() : 0, faults.reason);
    pmc::enable("page-faults");
    for (int i = 0; i < 2; ++i) {
        const pmc::Scope scope{region};
        touch_pages();
    }
    for (const pmc::Sample& sample : pmc::report().samples) {
        if (!sample.region || sample.scope != "region")
            continue;
        // A call that was not counted is known: the count is of the others.
        const double counted = static_cast<double>(sample.region->calls - sample.region->uncounted);
        const pmc::EventCount& event = sample.events.front();
        say("region", event.has_value(), event.has_value() ? event.count.value() / counted : 0, event.reason);
    }
    _exit(EXIT_SUCCESS);
}

void sweep_region(How how) {
    const auto run_with = [how](long nth, long& reads) {
        process::Setting setting;
        setting.in_child = [] {
            bent_read::offer();
            count_oneself();
        };
        setting.while_running = [&](pid_t pid) { reads = bent_read::bend(pid, nth, how); };
        return fault::run_leaving_nothing({"(this program itself)"}, setting);
    };
    long whole = 0;
    const Outcome usual = run_with(LONG_MAX, whole);
    REQUIRE_MESSAGE(usual.status == 0, usual.err);
    REQUIRE(whole > 5);
    for (long nth = 0; nth < whole; nth += step_of(whole)) {
        CAPTURE(nth);
        long reads = 0;
        const Outcome outcome = run_with(nth, reads);
        CAPTURE(outcome.out);
        CHECK(outcome.status == 0);
        // measure() leaves out the runs in which it was traced: those that are left may be too few.
        const std::string right = how == How::interrupted ? "right" : "";
        CHECK(contains(outcome.out, "group: " + right));
        CHECK(contains(outcome.out, "region: " + right));
        CHECK(contains(outcome.out, "measure: "));
        CHECK_FALSE(contains(outcome.out, "WRONG"));
    }
}

} // namespace

TEST_SUITE("faults reads") {
    TEST_CASE("run: any read() that is interrupted is asked again, and nothing is lost") {
        sweep_run(How::interrupted);
    }

    TEST_CASE("attach: any read() that is interrupted is asked again, and nothing is lost") {
        sweep_attach(How::interrupted);
    }

    TEST_CASE("-a: any read() that is interrupted is asked again, and nothing is lost") {
        sweep_all(How::interrupted);
    }

    TEST_CASE("run: after any read() that brings nothing what is counted is right, or not counted and why") {
        sweep_run(How::ended);
    }

    TEST_CASE("attach: after any read() that brings nothing what is counted is right, or not counted and why") {
        sweep_attach(How::ended);
    }

    TEST_CASE("-a: after any read() that brings nothing what is counted is right, or not counted and why") {
        sweep_all(How::ended);
    }

    TEST_CASE("run: after any read() that is short what is counted is right, or not counted and why") {
        sweep_run(How::one_byte);
        sweep_run(How::half);
    }

    TEST_CASE("attach: after any read() that is short what is counted is right, or not counted and why") {
        sweep_attach(How::one_byte);
        sweep_attach(How::half);
    }

    TEST_CASE("-a: after any read() that is short what is counted is right, or not counted and why") {
        sweep_all(How::one_byte);
        sweep_all(How::half);
    }

    TEST_CASE("a program that counts itself: any read() that is interrupted is asked again, and nothing is lost") {
        sweep_region(How::interrupted);
    }

    TEST_CASE("a program that counts itself: after any read() that brings nothing it has a right number, or none") {
        sweep_region(How::ended);
    }

    TEST_CASE("a program that counts itself: after any read() that is short it has a right number, or none") {
        sweep_region(How::one_byte);
        sweep_region(How::half);
    }

    TEST_CASE("a recording that is replayed is read whole, or it says what is wrong with it") {
        for (const How how : {How::interrupted, How::ended, How::one_byte, How::half})
            sweep_replay(how);
    }

    TEST_CASE("whatever becomes of a read() of the control descriptor, the command is counted and has its status") {
        for (const How how : {How::interrupted, How::ended, How::one_byte, How::half})
            sweep_control(how);
    }
}
