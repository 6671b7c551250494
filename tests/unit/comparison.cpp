#include "documents.hpp"
#include "noise.hpp"

#include <doctest/doctest.h>

#include <pmc/gate.hpp>

#include <string>

using pmc::Change;
using pmc::compare;
using pmc::Comparison;
using pmc::Result;
using namespace pmc::test;
using Verdict = pmc::Comparison::Verdict;
using Numbers = std::vector<double>;

namespace {

Comparison compared(const Result& a, const Result& b, bool is_paired = false) {
    const std::vector<Comparison> all = compare(a, b, is_paired);
    REQUIRE(all.size() >= 1);
    return all.front();
}

Verdict verdict(const Numbers& a, const Numbers& b) {
    return compared(runs_of("cycles", a), runs_of("cycles", b)).verdict;
}

Numbers times(double factor, Numbers numbers) {
    for (double& number : numbers)
        number *= factor;
    return numbers;
}

const Numbers six{1000e6, 1001e6, 1002e6, 1003e6, 1004e6, 1005e6};
const Numbers wide{900e6, 950e6, 1000e6, 1050e6, 1100e6, 1150e6};

} // namespace

TEST_SUITE("comparison") {
    TEST_CASE("better, worse, the same, or no evidence") {
        CHECK(verdict(six, times(0.9, six)) == Verdict::better);
        CHECK(verdict(six, times(1.1, six)) == Verdict::worse);
        CHECK(verdict(six, times(1.0005, six)) == Verdict::same);
        CHECK(verdict(wide, times(1.01, wide)) == Verdict::no_evidence);
        CHECK(verdict({1000, 1100, 1200}, {2000, 2100, 2300}) == Verdict::no_evidence); // too few
        CHECK(verdict({1e9, 1e9, 1e9}, {1.03e9, 1.03e9, 1.03e9}) == Verdict::worse);    // they repeat
        CHECK(verdict({1e9, 1e9, 1e9}, {1.004e9, 1.004e9, 1.004e9}) == Verdict::same);
        CHECK(verdict({0, 0, 0, 0}, {0, 0, 0, 0}) == Verdict::same);
    }

    TEST_CASE("what is better when higher") {
        const Numbers ipc{1.60, 1.601, 1.602, 1.603};
        const Result a = runs_of_metric("ipc", "higher", ipc);
        CHECK(compared(a, runs_of_metric("ipc", "higher", times(1.2, ipc))).verdict == Verdict::better);
        CHECK(compared(a, runs_of_metric("ipc", "higher", times(0.8, ipc))).verdict == Verdict::worse);
    }

    TEST_CASE("what is better neither way may be the same, but no more") {
        const Numbers ghz{3.0, 3.001, 3.002, 3.003};
        const Result a = runs_of_metric("ghz", "", ghz);
        CHECK(compared(a, a).verdict == Verdict::same);
        const Comparison changed = compared(a, runs_of_metric("ghz", "", times(1.2, ghz)));
        CHECK(changed.verdict == Verdict::unknown);
        CHECK(changed.reason == "it changed, and neither way is better by itself");
        CHECK(changed.change->change == doctest::Approx(0.2));
    }

    TEST_CASE("what one run counted in part of the time only is an estimate, and no verdict is made of it") {
        const Result whole = runs_of("cycles", six);
        Result part = runs_of("cycles", times(0.9, six));
        part.samples[2].events[0] = event("cycles", 900e6, 0.6);
        const Comparison of_b = compared(whole, part, true);
        CHECK(of_b.verdict == Verdict::unknown);
        CHECK(of_b.reason == "B is an estimate: it was counted 60.0 % of the time");
        CHECK_FALSE(of_b.change);
        CHECK(compared(part, whole).reason == "A is an estimate: it was counted 60.0 % of the time");
        // Nearly all of the time is enough for a verdict.
        part.samples[2].events[0] = event("cycles", 900e6, 0.995);
        CHECK(compared(whole, part).verdict == Verdict::better);
        CHECK(compared(whole, part).b.coverage == doctest::Approx(0.995));
    }

    TEST_CASE("what the kernel's end of the counters left is no number to compare") {
        const Result whole = runs_of("cycles", six);
        Result part = whole;
        part.samples[2].events[0].reason = {pmc::Cause::counters_ended, 0, "the kernel ended the counters",
                                            "count more"};
        const Comparison of_b = compared(whole, part);
        CHECK(of_b.verdict == Verdict::unknown);
        CHECK(of_b.reason == "B is not counted: the kernel ended the counters");
    }

    TEST_CASE("what can't be told says why") {
        Result none = runs_of("cycles", six);
        for (pmc::Sample& sample : none.samples) {
            sample.events[0].count = pmc::Count(0, 0, 0, pmc::State::not_available);
            sample.events[0].reason = {pmc::Cause::no_pmu, 0, "no PMU", {}};
        }
        const Comparison unknown = compared(runs_of("cycles", six), none);
        CHECK(unknown.verdict == Verdict::unknown);
        CHECK(unknown.reason == "B is not available: no PMU");
        CHECK_FALSE(unknown.change);

        const Comparison no_ratio = compared(runs_of("faults", {0, 0, 0, 0}), runs_of("faults", {12, 12, 12, 12}));
        CHECK(no_ratio.verdict == Verdict::unknown);
        CHECK(no_ratio.reason == "there is no ratio of 12 and 0");

        Result model = runs_of("cycles", six);
        model.run.backend = "model";
        model.run.model = "cachegrind-3.19.0";
        CHECK(compared(runs_of("cycles", six), model).verdict == Verdict::unknown);
        Result newer = model;
        newer.run.model = "cachegrind-3.20.0";
        CHECK(compared(model, newer).reason == "model is cachegrind-3.20.0 now, and was cachegrind-3.19.0");
        CHECK(compared(model, model).verdict == Verdict::same);
    }

    TEST_CASE("only what both have is compared, and the time of each") {
        Result a = runs_of("cycles", six);
        Result b = runs_of("branches", six);
        const std::vector<Comparison> all = compare(a, b, true);
        REQUIRE(all.size() == 1);
        CHECK(all[0].a.name == "time");
    }

    TEST_CASE("verdicts have names") {
        CHECK(std::string(to_string(Verdict::better)) == "better");
        CHECK(std::string(to_string(Verdict::worse)) == "worse");
        CHECK(std::string(to_string(Verdict::same)) == "same");
        CHECK(std::string(to_string(Verdict::no_evidence)) == "no evidence");
        CHECK(std::string(to_string(Verdict::unknown)) == "unknown");
    }

    // A drifts away by 30 % in 20 runs; side by side in turns (ABBA) that is in both.
    TEST_CASE("of 200 pairs of the same program on a machine that drifts at most 1 in 20 is worse") {
        for (const pmc::test::Kind kind : {&Noise::normal, &Noise::skewed, &Noise::bimodal}) {
            Noise noise(8);
            int worse = 0;
            for (int i = 0; i < 200; ++i) {
                Numbers a;
                Numbers b;
                for (int pair = 0; pair < 10; ++pair) {
                    const auto number = [&](int run) { return 5e9 * (1 + 0.015 * run) * (noise.*kind)(); };
                    const double first = number(2 * pair);
                    const double second = number(2 * pair + 1);
                    a.push_back(pair % 2 == 0 ? first : second);
                    b.push_back(pair % 2 == 0 ? second : first);
                }
                worse += compared(runs_of("cycles", a), runs_of("cycles", b), true).verdict == Verdict::worse;
            }
            CHECK(worse <= 10);
        }
    }

    TEST_CASE("runs are paired with those beside them, and without a disturbed one's partner") {
        Result a = runs_of("cycles", {100, 200, 900, 300, 400, 500, 600, 700});
        const Result b = runs_of("cycles", {100, 200, 250, 300, 400, 500, 600, 700});
        a.runs[2].disturbed = "migrated though pinned";
        const Comparison same = compared(a, b, true);
        CHECK(same.pairs == 7);
        CHECK(same.verdict == Verdict::same);
        CHECK(same.change->interval.low == 0);
        CHECK(same.change->interval.high == 0);
        CHECK(compared(a, b, false).pairs == 0);
        for (Result::Run& run : a.runs)
            run.disturbed = "switched out";
        a.runs[0].disturbed = "";
        Result other = b;
        other.runs[0].warmup = true;
        const Comparison none = compared(a, other, true);
        CHECK(none.verdict == Verdict::unknown);
        CHECK(none.reason == "no run of A and run of B that were made side by side both count");
    }

    // The second pair's run of A is replaced at the end, where the machine has drifted by 60 %.
    TEST_CASE("of 200 pairs of the same program at most 1 in 20 seems to differ after a disturbed run was replaced") {
        Noise noise(9);
        int differ = 0;
        for (int i = 0; i < 200; ++i) {
            Numbers a;
            Numbers b;
            for (int pair = 0; pair < 11; ++pair) {
                const auto number = [&](int run) { return 5e9 * (1 + 0.03 * run) * (1 + (noise.normal() - 1) / 10); };
                const double first = number(2 * pair);
                const double second = number(2 * pair + 1);
                a.push_back(pair % 2 == 0 ? first : second);
                b.push_back(pair % 2 == 0 ? second : first);
            }
            Result of_a = runs_of("cycles", a);
            of_a.runs[1].disturbed = "taken off its CPU";
            const pmc::Interval interval = compared(of_a, runs_of("cycles", b), true).change->interval;
            differ += interval.low > 0 || interval.high < 0;
        }
        CHECK(differ <= 10);
    }

    TEST_CASE("the smallest change that can be told is 1.84 times the half width of none") {
        Change change;
        change.basis = Change::Basis::ranks;
        change.interval = {-0.01, 0.01, 0.95};
        CHECK(pmc::smallest_change(change).value() == doctest::Approx(0.0184).epsilon(0.001));
        change.basis = Change::Basis::too_few;
        CHECK_FALSE(pmc::smallest_change(change));
        change.basis = Change::Basis::ranks;
        change.is_defined = false;
        CHECK_FALSE(pmc::smallest_change(change));
    }
}
