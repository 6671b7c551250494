#include "comparison_report.hpp"

#include "made_up_series.hpp"
#include "text_line.hpp"

#include <doctest/doctest.h>

using namespace pmc;
using cli::ComparisonReport;

namespace {

ComparisonReport report(ValueSeries a, ValueSeries b, Comparison::Verdict verdict) {
    ComparisonReport report;
    report.sides = {{"./old", made_up::repeated(15)}, {"./new", made_up::repeated(15)}};
    report.sides[1].changes = {
        made_up::comparison(std::move(a), std::move(b), made_up::change(-0.06, -0.069, -0.051), verdict)};
    return report;
}

} // namespace

TEST_SUITE("compare_markdown") {
    TEST_CASE("a table for a pull request, what is better or worse in bold") {
        CHECK(compare_markdown(report(made_up::time({1.842}), made_up::time({1.731}), Comparison::Verdict::better)) ==
              "### pmcstat compare\n"
              "\n"
              "- A: `./old`\n"
              "- B: `./new`\n"
              "\n"
              "15 pairs, interleaved (ABBA), user+kernel\n"
              "\n"
              "| metric | A | B | B vs A | 95 % CI | verdict |\n"
              "|:--|--:|--:|--:|:--|:--|\n"
              "| `time` | 1.842 s | 1.731 s | -6.0 % | [-6.9, -5.1] | **better** |\n"
              "\n");
    }

    TEST_CASE("what others wrote stands in code spans and ends no cell") {
        ValueSeries a = made_up::event("a|b @everyone <b>", {1});
        a.unit = "x | @all";
        ComparisonReport hostile = report(a, a, Comparison::Verdict::unknown);
        hostile.sides[1].changes[0].reason = "see | @all";
        hostile.sides[0].label = "./a `b` ``c`` | d\n# e";
        hostile.notes = {"`@all`"};
        const std::string text = compare_markdown(hostile);
        CHECK(line_with(text, "- A:") == "- A: ```./a `b` ``c`` | d?# e```");
        CHECK(line_with(text, "everyone").starts_with(R"(| `a\|b @everyone <b>` | `1.00 x \| @all` |)"));
        CHECK(line_with(text, "everyone").ends_with(R"(| unknown: `see \| @all` |)"));
        CHECK(line_with(text, "- note") == "- note: `` `@all` ``");
    }

    TEST_CASE("a bar after a backslash ends no cell either") {
        const ValueSeries a = made_up::event(R"(a\|b)", {1});
        CHECK(line_with(compare_markdown(report(a, a, Comparison::Verdict::same)), "| `a")
                  .starts_with(R"(| `a\ \|b` |)"));
    }

    TEST_CASE("what was counted in part of the time has a mark, which is told below") {
        ValueSeries part = made_up::event("cycles", {1e9});
        part.coverage = 0.995;
        const std::string text =
            compare_markdown(report(made_up::event("cycles", {1e9}), part, Comparison::Verdict::same));
        CHECK(line_with(text, "cycles").starts_with(R"(| `cycles` | 1.000 G | 1.000 G\* |)"));
        CHECK(text.find("\n\n\\* not counted all the time: an estimate; ask for fewer events at once\n\n") !=
              std::string::npos);
        part.is_asked = false;
        const std::string hidden = compare_markdown(report(part, part, Comparison::Verdict::same));
        CHECK(hidden.find("estimate") == std::string::npos);
    }

    TEST_CASE("a model's marks strike nothing out") {
        ValueSeries a = made_up::event("cycles", {1e9});
        a.source = "model";
        ComparisonReport modelled = report(a, a, Comparison::Verdict::same);
        modelled.sides[0].result.run.model = "cachegrind-3.19";
        const std::string text = compare_markdown(modelled);
        CHECK(line_with(text, "cycles").starts_with(R"(| `cycles` | \~1.000 G | \~1.000 G |)"));
        CHECK(text.find("\\~ modelled by valgrind, not measured: `cachegrind-3.19`\n") != std::string::npos);
    }
}
