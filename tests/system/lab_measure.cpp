// measure() and what stands on it where counts are exact: on the lab's PMU, with the user read and without.
#include "loop.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <pmc/pmc.hpp>

#include <cstdint>
#include <string>
#include <vector>

using pmc::Measurement;

namespace {

/// The setup has the number of rounds: the body is the loop, and the instruction that gets the number.
Measurement loop_of(std::uint64_t rounds, const std::string& events = "instructions") {
    return pmc::measure(
        {.events = events, .budget_s = 0.5}, [=] { return rounds; },
        [](const std::uint64_t& number) { inline_loop(number); });
}

Outcome run_example(std::vector<std::string> command) {
    command.front() = process::program(command.front());
    const Outcome outcome = process::run(command);
    CAPTURE(outcome.out);
    CAPTURE(outcome.err);
    CHECK(outcome.status == 0);
    CHECK_FALSE(contains(outcome.out + outcome.err, "unknown"));
    return outcome;
}

} // namespace

TEST_SUITE("lab measure") {
    TEST_CASE("an empty body takes no instruction, whatever the shape of setup and body") {
        const pmc::MeasureOptions options{.events = "instructions,cycles", .budget_s = 0.2};
        const std::vector<int> input(100);
        for (const Measurement& m : {pmc::measure(options, [] {}),
                                     pmc::measure(
                                         options, [&] { return input; }, [](std::vector<int>&) {}),
                                     pmc::measure(
                                         options, [&] { return 3; }, [&](int) {})}) {
            REQUIRE_MESSAGE(m["instructions"].has_value(), m["instructions"].reason.evidence);
            CHECK(m["instructions"].min() == 0);
            CHECK(m["instructions"].median() == 0);
            CHECK(m["instructions"].overhead > 0);
        }
    }

    TEST_CASE("a loop of a known number of instructions takes exactly that, again and again") {
        for (int again = 0; again < 3; ++again)
            for (const std::uint64_t rounds : {1u, 10'000u, 60'000u}) {
                CAPTURE(rounds);
                const Measurement m = loop_of(rounds);
                REQUIRE_MESSAGE(m["instructions"].has_value(), m["instructions"].reason.evidence);
                const double least = m["instructions"].min();
                CHECK(least == m["instructions"].median());
                CHECK(least - loop_of(1)["instructions"].min() == static_cast<double>(2 * (rounds - 1)));
                CHECK(least >= static_cast<double>(2 * rounds));     // no more was taken off than the empty body counts
                CHECK(least - static_cast<double>(2 * rounds) <= 2); // to get the number
            }
    }

    TEST_CASE("an iteration takes its share of the run") {
        const Measurement m =
            pmc::measure({.events = "instructions", .budget_s = 0.2, .operations = 1000}, [] { inline_loop(1000); });
        CHECK(m["instructions"].min() == doctest::Approx(2).epsilon(0.002));
    }

    TEST_CASE("metrics are of the same runs: an instruction a cycle") {
        const Measurement m = loop_of(100'000, "ipc,instructions");
        REQUIRE_MESSAGE(m["ipc"].has_value(), m["ipc"].reason.evidence);
        CHECK(m["ipc"].median() == doctest::Approx(1).epsilon(0.02));
        CHECK(m["cycles"].median() == doctest::Approx(m["instructions"].median()).epsilon(0.02));
        CHECK(m.seconds().median() == doctest::Approx(200e-6).epsilon(0.1)); // 1 ns an instruction
    }

    TEST_CASE("more groups than the PMU can count at once are counted in passes, each in full") {
        const Measurement m = pmc::measure({.events = "{instructions,cycles,stall_frontend,stall_backend},"
                                                      "{instructions:u,cycles:u,inst_retired,cpu_cycles,ipc}",
                                            .budget_s = 1},
                                           [] { inline_loop(1000); });
        REQUIRE_MESSAGE(m["instructions"].has_value(), m["instructions"].reason.evidence);
        CHECK(m.runs().not_fully_counted == 0);
        CHECK(m["instructions"].min() == doctest::Approx(2000).epsilon(0.002));
        REQUIRE_MESSAGE(m["instructions:u"].has_value(), m["instructions:u"].reason.evidence);
        CHECK(m["instructions:u"].min() == m["instructions"].min());
    }

    TEST_CASE("a gate passes, and fails when the measured loop is made longer") {
        CHECK(loop_of(1000).check("instructions.min <= 2002").outcome() == pmc::Outcome::pass);
        const pmc::Verdict verdict = loop_of(1001).check("instructions.min <= 2001");
        CHECK(verdict.outcome() == pmc::Outcome::fail);
        CHECK(contains(verdict.message(), "which is not <= 2001"));
        CHECK(loop_of(1000).check("instructions <= 2002").outcome() == pmc::Outcome::pass);
        CHECK(loop_of(2000).check("instructions <= 2002").outcome() == pmc::Outcome::fail);
        CHECK(loop_of(1000).check("branch-misses <= 5").outcome() == pmc::Outcome::invalid);
        CHECK(loop_of(1000, "branch-misses").check("branch-misses <= 5").outcome() == pmc::Outcome::unknown);
    }

    TEST_CASE("the Google Benchmark example tells the instructions of an iteration") {
        const Outcome outcome =
            run_example({"google_benchmark", "--benchmark_format=json", "--benchmark_min_time=0.001"});
        const Json benchmarks = Json::parse(outcome.out)["benchmarks"];
        const Json few = find_by(benchmarks, "name", "sum/100");
        const Json many = find_by(benchmarks, "name", "sum/10000");
        REQUIRE_MESSAGE(few["instructions"].is_number(), few.dump(1));
        REQUIRE(many["instructions"].is_number());
        CHECK(many["ipc"].get<double>() == doctest::Approx(1).epsilon(0.05));
        CHECK_FALSE(few.contains("label"));
        const double of_an_element =
            (many["instructions"].get<double>() - few["instructions"].get<double>()) / (10'000 - 100);
        CHECK(of_an_element > 0.2); // vectorised, or not
        CHECK(of_an_element < 20);
        const Json sort = find_by(benchmarks, "name", "sort");
        CHECK(sort["instructions"].get<double>() > 10'000);
    }

    TEST_CASE("the gates of doctest, Catch2 and GoogleTest decide, and pass") {
        CHECK(contains(run_example({"gate_doctest"}).out, "assertions: 1 | 1 passed"));
        CHECK(contains(run_example({"gate_catch2"}).out, "1 assertion"));
        CHECK(contains(run_example({"gate_googletest"}).out, "[  PASSED  ] 1 test."));
    }

    TEST_CASE("two algorithms are compared by what they take") {
        CHECK(contains(run_example({"compare_two_algorithms"}).out, "times as much"));
    }
}
