// A Session over this very process, by software events.
#include <doctest/doctest.h>

#include <pmc/session.hpp>

#include "oracle.hpp"

#include <algorithm>
#include <cstdint>
#include <unistd.h>

using pmc::MetricSet;
using pmc::Session;
using pmc::State;
using pmc::Target;

namespace {

pmc::Expected<Session> over_this(Session::Begin begin = Session::Begin::at_once) {
    return Session::start(*MetricSet::parse("minor-faults:u"), Target{.pids = {getpid()}}, begin);
}

const pmc::Count& count(const std::vector<pmc::Sample>& samples) {
    return samples.at(0).events.at(0).count;
}

} // namespace

TEST_SUITE("session") {
    TEST_CASE("intervals follow each other, and add up to the totals") {
        auto session = over_this();
        REQUIRE(session);
        std::uint64_t sum = 0;
        double end_s = 0;
        for (int i = 0; i < 3; ++i) {
            oracle::fault(100);
            const std::vector<pmc::Sample>& samples = session->interval();
            CHECK(samples.at(0).start_s == end_s);
            end_s = samples.at(0).end_s;
            CHECK(count(samples).raw() >= 100);
            sum += count(samples).raw();
        }
        session->disable();
        sum += count(session->interval()).raw();
        const pmc::Result result = session->finish();
        CHECK(count(result.samples).raw() == sum);
        CHECK(result.run.pid == getpid());
        CHECK(result.run.target.starts_with("process " + std::to_string(getpid())));
    }

    TEST_CASE("nothing is known of an interval in which the counters were off") {
        auto session = over_this();
        REQUIRE(session);
        oracle::fault(10);
        session->disable();
        (void)session->interval();
        oracle::fault(1000);
        for (int i = 0; i < 3; ++i) {
            usleep(1000);
            const std::vector<pmc::Sample>& off = session->interval();
            CHECK(count(off).state() == State::not_counted);
            CHECK(off.at(0).paused_s == doctest::Approx(off.at(0).end_s - off.at(0).start_s));
        }
        session->enable();
        oracle::fault(50);
        CHECK(count(session->interval()).raw() >= 50);
        const pmc::Result result = session->finish();
        CHECK(count(result.samples).raw() < 1000);
        CHECK(result.samples.at(0).paused_s > 0.003);
    }

    TEST_CASE("what begins later counts from then on") {
        auto session = over_this(Session::Begin::later);
        REQUIRE(session);
        oracle::fault(1000);
        CHECK(session->elapsed_s() == 0);
        session->enable();
        oracle::fault(50);
        const pmc::Result result = session->finish();
        CHECK(count(result.samples).raw() >= 50);
        CHECK(count(result.samples).raw() < 1000);
    }

    TEST_CASE("targets that mean nothing are misuse") {
        const auto kind_of = [](const Target& target) {
            const auto session = Session::start(*MetricSet::parse("task-clock"), target);
            REQUIRE_FALSE(session);
            return session.error().kind();
        };
        CHECK(kind_of({}) == pmc::ErrorKind::misuse);
        CHECK(kind_of({.tids = {0}}) == pmc::ErrorKind::misuse);
        CHECK(kind_of({.pids = {-1}}) == pmc::ErrorKind::misuse);
        CHECK(kind_of({.pids = {getpid()}, .all_cpus = true}) == pmc::ErrorKind::misuse);
        CHECK(kind_of({.pids = {getpid()}, .rows = pmc::Rows::core}) == pmc::ErrorKind::misuse);
        CHECK(kind_of({.all_cpus = true, .rows = pmc::Rows::thread}) == pmc::ErrorKind::misuse);
    }
}
