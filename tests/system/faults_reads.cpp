// read() that is interrupted, ends early or brings less than there is: each read of pmcstat's, one after the other.
#include "bent_read.hpp"
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <climits>
#include <string>
#include <vector>

using bent_read::How;
using fault::pmcstat_leaving_nothing;

namespace {

constexpr long pages = 500;

struct Bent {
    Outcome outcome;
    long reads = 0; ///< as bent_read::bend says
};

Bent run(const std::vector<std::string>& arguments, long nth, How how) {
    Bent bent;
    process::Setting setting;
    setting.in_child = bent_read::offer;
    setting.while_running = [&](pid_t pid) { bent.reads = bent_read::bend(pid, nth, how); };
    bent.outcome = pmcstat_leaving_nothing(arguments, setting);
    return bent;
}

struct Limits {
    double least = 0;
    double most = 0;
};
constexpr double longest_ns = 60e9; ///< a test's

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

/// Bends each read of pmcstat's in turn.
void sweep(const std::vector<std::string>& arguments, How how, int status, std::size_t samples, Limits clock,
           Limits faults) {
    const Bent whole = run(arguments, LONG_MAX, how);
    REQUIRE_MESSAGE(whole.outcome.status == status, whole.outcome.err);
    REQUIRE(whole.reads > 5);
    constexpr long most_runs = 150; // a machine of many CPUs has a read for each
    const long step = std::max(whole.reads / most_runs, 1L);
    long bent = 0;
    for (long nth = 0; nth < whole.reads; nth += step) {
        CAPTURE(nth);
        const auto [outcome, reads] = run(arguments, nth, how);
        bent += reads == nth + 1 ? 1 : 0;
        CAPTURE(outcome.out);
        CAPTURE(outcome.err);
        CHECK(outcome.status == status);
        const Json result = Json::parse(outcome.err, nullptr, false);
        REQUIRE_FALSE(result.is_discarded());
        CHECK(result["samples"].size() == samples);
        for (const Json& sample : result["samples"]) {
            const Json task_clock = find_by(sample["events"], "name", "task-clock");
            check(task_clock, clock);
            check(find_by(sample["events"], "name", "page-faults"), faults);
            // It is asked again. In an interval the target may not have been on a CPU.
            if (how == How::interrupted && task_clock["raw"].is_null())
                CHECK_MESSAGE(task_clock["cause"] == "never_ran", task_clock.dump());
        }
    }
    CHECK(bent > 5);
}

void sweep_run(How how) {
    const std::string command = process::program("workers") + " faults " + std::to_string(pages) + "; exit 3";
    sweep({"--format", "json", "-e", "task-clock,page-faults", "--", "sh", "-c", command}, how, 3, 1, {1, longest_ns},
          {pages, 4 * pages});
}

void sweep_attach(How how) {
    const fault::Target busy("while :; do :; done");
    sweep({"--format", "json", "-e", "task-clock,page-faults", "-I", "20", "--count", "2", "-p", busy.pid()}, how, 0, 2,
          {0, longest_ns}, {0, 100}); // it may not get to run in an interval
}

void sweep_all(How how) {
    sweep({"--format", "json", "-e", "task-clock,page-faults", "-I", "20", "--count", "2", "-a"}, how, 0, 2,
          {1, longest_ns}, {0, 1e8});
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
}
