#include "comparison_report.hpp"
#include "junit.hpp"

#include "made_up_checks.hpp"
#include "made_up_series.hpp"

#include <cstdio>
#include <string>
#include <string_view>

/// usage: gate_forms junit|hostile-junit|compare|result: documents of made-up numbers, for gate_forms.py to read.
namespace {

/// Every byte that there is, in each text.
std::vector<pmc::Check> hostile_checks() {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    std::vector<pmc::Check> checks = made_up::checks();
    for (pmc::Check& check : checks) {
        check.name += all + "\xed\xa0\x80 \xef\xbf\xbe ]]>";
        check.asked += all;
        check.message += all;
        check.hint = all;
    }
    return checks;
}

pmc::Result result() {
    pmc::Result result = made_up::repeated(3);
    result.statistics = pmc::statistics_of(result);
    result.verdicts = made_up::checks();
    pmc::Check& first = result.verdicts.front();
    first.value = first.baseline = pmc::summarize({1, 2, 3, 4, 5, 6});
    first.change = made_up::change(0.03, 0.02, 0.04);
    first.limit = 0.02;
    first.unit = "s";
    first.source = "model";
    return result;
}

cli::ComparisonReport comparison() {
    cli::ComparisonReport report;
    report.sides = {{"./old", result()}, {"./new", result()}, {"./newer \xff", result()}};
    pmc::ValueSeries region = made_up::event("cycles", {1, 2, 3, 4, 5, 60});
    region.scope = "region";
    region.id = "parse";
    region.core = "cpu_core";
    region.encoding = "cpu_core/event=0x3c/";
    region.outliers = {5};
    region.source = "model";
    pmc::Comparison unknown{made_up::missing("ipc", "no such event"), made_up::missing("ipc", "no such event")};
    unknown.reason = "not counted";
    report.sides[1].changes = {
        made_up::comparison(region, region, made_up::change(0, 0, 0), pmc::Comparison::Verdict::same), unknown};
    report.sides[2].changes = {made_up::comparison(made_up::time({0}), made_up::time({1}),
                                                   {0, {}, pmc::Change::Basis::too_few, false},
                                                   pmc::Comparison::Verdict::no_evidence)};
    report.notes = {"another kernel"};
    return report;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view form = argc == 2 ? argv[1] : "";
    std::string text;
    if (form == "junit")
        text = cli::junit_xml(made_up::checks(), "./app \"a & b\"", 1.5);
    else if (form == "hostile-junit")
        text = cli::junit_xml(hostile_checks(), "\x1b[2J<&>\"'", 0);
    else if (form == "compare")
        text = cli::compare_json(comparison());
    else if (form == "result")
        text = result().to_json();
    else
        return 2;
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
