#include "comparison_report.hpp"

#include "made_up_series.hpp"
#include "text_line.hpp"

#include <doctest/doctest.h>

using namespace pmc;
using cli::ComparisonReport;

namespace {

ComparisonReport report() {
    ComparisonReport report;
    report.sides = {{"./old", made_up::repeated(15)}, {"./new", made_up::repeated(15)}};
    report.sides[1].changes = {
        made_up::comparison(made_up::event("instructions", {9.843e9}), made_up::event("instructions", {9.846e9}),
                            made_up::change(0.0003, 0.0002, 0.0004), Comparison::Verdict::same),
        made_up::comparison(made_up::time({1.842}), made_up::time({1.731}), made_up::change(-0.06, -0.069, -0.051),
                            Comparison::Verdict::better)};
    return report;
}

} // namespace

TEST_SUITE("compare_text") {
    TEST_CASE("what is compared, how, and a line for each value with its verdict") {
        const std::string text = compare_text(report());
        CHECK(text == "pmcstat compare: 15 pairs, interleaved (ABBA), user+kernel\n"
                      "  A: ./old\n"
                      "  B: ./new\n"
                      "  metric              A        B   B vs A  95 % CI         verdict\n"
                      "  instructions  9.843 G  9.846 G  +0.03 %  [+0.02, +0.04]  same (under 0.5 %)\n"
                      "  time          1.842 s  1.731 s   -6.0 %  [-6.9, -5.1]    better\n");
    }

    TEST_CASE("recorded ones say so, and more than two stand each beside the first") {
        ComparisonReport three = report();
        three.is_paired = false;
        three.sides.push_back({"./newer", made_up::repeated(12), three.sides[1].changes});
        const std::string text = compare_text(three);
        CHECK(text.starts_with("pmcstat compare: recorded 15, 15 and 12 runs, user+kernel\n"));
        CHECK(text.find("  C: ./newer\n") != std::string::npos);
        CHECK(text.find("B vs A") < text.find("C vs A"));
        three.is_paired = true;
        CHECK(compare_text(three).starts_with("pmcstat compare: 12 rounds, interleaved, user+kernel\n"));
    }

    TEST_CASE("what can't be compared says why, and what needs more runs too") {
        ComparisonReport doubtful = report();
        Comparison& unknown = doubtful.sides[1].changes[0];
        unknown = {made_up::missing("ipc", "no such event"), made_up::missing("ipc", "no such event")};
        Comparison& few = doubtful.sides[1].changes[1];
        few.change->basis = Change::Basis::too_few;
        few.verdict = Comparison::Verdict::no_evidence;
        const std::string text = compare_text(doubtful);
        CHECK(line_with(text, "  ipc") == "  ipc         n/a      n/a       -  -        unknown: no such event");
        CHECK(line_with(text, "  time") == "  time    1.842 s  1.731 s  -6.0 %  -        no evidence (too few runs)");
        CHECK(text.find("too few runs for an interval") != std::string::npos);

        unknown = {made_up::event("ipc", {1}), made_up::event("ipc", {2}), std::nullopt, Comparison::Verdict::unknown,
                   "encodings differ"};
        CHECK(line_with(compare_text(doubtful), "  ipc").ends_with("unknown: encodings differ"));
    }

    TEST_CASE("rows, core types, what is hidden, estimates and notes") {
        ComparisonReport rows = report();
        Comparison& region = rows.sides[1].changes[1];
        region.a.scope = "region";
        region.a.id = "parse";
        region.a.core = "cpu_core";
        region.b.coverage = 0.7;
        Comparison hidden = rows.sides[1].changes[0];
        hidden.a.name = "needed";
        hidden.a.is_asked = false;
        rows.sides[1].changes.push_back(hidden);
        rows.notes = {"kernel: 6.1 now, 5.10 then"};
        const std::string text = compare_text(rows);
        CHECK(text.find("  region parse\n  time (cpu_core)  1.842 s  1.731 s*") != std::string::npos);
        CHECK(text.find("needed") == std::string::npos);
        CHECK(text.find("  * not counted all the time: an estimate; ask for fewer events at once\n") !=
              std::string::npos);
        CHECK(text.find("  note: kernel: 6.1 now, 5.10 then\n") != std::string::npos);
    }

    TEST_CASE("the names of sides go on after Z") {
        CHECK(cli::side_name(0) == "A");
        CHECK(cli::side_name(25) == "Z");
        CHECK(cli::side_name(26) == "27");
    }
}
