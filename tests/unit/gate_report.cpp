#include "gate_report.hpp"

#include "made_up_checks.hpp"
#include "made_up_series.hpp"
#include "text_line.hpp"

#include <doctest/doctest.h>

using namespace pmc;
using cli::gate_status;
using cli::gate_text;
using made_up::check;

TEST_SUITE("gate_report") {
    TEST_CASE("a line for each check, what to do once, and the counts with the exit status") {
        std::vector<Check> checks = made_up::checks();
        checks.pop_back();
        checks.push_back(check(Outcome::unknown, "power", "power<9", "not measurable", "see doctor"));
        CHECK(gate_text(checks) ==
              "GATE  FAIL          cycles      5.952 G vs baseline 5.734 G  (at most +2 % over the baseline)\n"
              "GATE  pass          ipc         1.654, which is >= 1.2\n"
              "GATE  UNKNOWN       energy.pkg  not measurable here: no power PMU  (energy.pkg<=3)\n"
              "GATE  INCONCLUSIVE  time        1.9 to 2.1 s  (time<2)\n"
              "GATE  UNKNOWN       power       not measurable  (power<9)\n"
              "  hint: see doctor\n"
              "  hint: more runs\n"
              "pmcstat: 1 failed, 2 unknown, 1 inconclusive, 1 passed  (exit 120)   add --explain cycles to see what "
              "it is made of\n");
    }

    TEST_CASE("without checks there is nothing to say; if all passed there is nothing to explain") {
        CHECK(gate_text({}).empty());
        CHECK(gate_text(std::vector{check(Outcome::pass, "ipc", "ipc>1", "2 is ipc>1")}) ==
              "GATE  pass  ipc  2 is ipc>1\n"
              "pmcstat: 1 passed  (exit 0)\n");
    }

    TEST_CASE("the row and the model are named") {
        Check one = check(Outcome::pass, "cycles", "", "12");
        one.scope = "region";
        one.id = "parse";
        one.source = "model";
        CHECK(line_with(gate_text(std::vector{one}), "GATE") ==
              "GATE  pass  region parse: cycles  12  [modelled, not measured]");
        one.outcome = Outcome::fail;
        one.name = "cycles (cpu_core)";
        CHECK(line_with(gate_text(std::vector{one}), "pmcstat: ")
                  .ends_with("add --explain cycles to see what it is made of"));
    }

    TEST_CASE("checks of what a document has are told with their numbers") {
        Result result = made_up::repeated(10);
        for (Result::Run& run : result.runs)
            run.elapsed_s = 2;
        result.runs[9].elapsed_s = 2.5;
        std::vector<Check> checks = *check_assertion(result, "time<1500ms");
        const std::string failed = line_with(gate_text(checks), "FAIL");
        CHECK(failed.starts_with("GATE  FAIL  time  "));
        CHECK(failed.ends_with("which is not < 1500ms"));
        checks = *check_assertion(result, "time.max < 3");
        CHECK(line_with(gate_text(checks), "pass").find("max 2.5 s, which is < 3") != std::string::npos);
        checks = check_regression(result, result, Limits{0.02, {{"time", 0.1}}});
        CHECK(line_with(gate_text(checks), "GATE").ends_with("  (at most +10 % over the baseline)"));
    }

    TEST_CASE("the exit status: what can't be told never passes, and a mistake in the gate comes first") {
        const auto status = [](std::initializer_list<Outcome> outcomes) {
            std::vector<Check> checks;
            for (const Outcome outcome : outcomes)
                checks.push_back(check(outcome, "x", "", ""));
            return gate_status(checks);
        };
        CHECK(status({}) == 0);
        CHECK(status({Outcome::pass, Outcome::pass}) == 0);
        CHECK(status({Outcome::pass, Outcome::unknown}) == 121);
        CHECK(status({Outcome::inconclusive}) == 121);
        CHECK(status({Outcome::unknown, Outcome::fail}) == 120);
        CHECK(status({Outcome::fail, Outcome::invalid, Outcome::unknown}) == 125);
    }

    TEST_CASE("a name or a message of another can't write a line of its own") {
        const std::string text =
            gate_text(std::vector{check(Outcome::unknown, "a\nGATE  pass", "", "b\nGATE  pass\x1b[A", "c\nd")});
        CHECK(text.find("\nGATE") == std::string::npos);
        CHECK(text.find('\x1b') == std::string::npos);
        CHECK(text.find("\nd") == std::string::npos);
    }
}
