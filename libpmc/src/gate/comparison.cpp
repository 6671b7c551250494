#include "gate/doubt.hpp"
#include "gate/rows.hpp"
#include "gate/series_change.hpp"
#include "record/number.hpp"

#include <pmc/gate.hpp>

#include <algorithm>
#include <utility>

namespace pmc {
namespace {

using Better = ValueSeries::Better;
using Found = Comparison::Verdict;

/// Why nothing can be said of two values; empty if something can.
std::string why_unknown(const ValueSeries& a, const ValueSeries& b) {
    if (const std::optional<Doubt> doubt = doubt_of(a))
        return "A is " + doubt->what;
    if (const std::optional<Doubt> doubt = doubt_of(b))
        return "B is " + doubt->what;
    if (a.source != b.source)
        return a.source == "model" ? "A is modelled, and B measured" : "A is measured, and B modelled";
    return {};
}

bool is_same(const Interval& change) noexcept {
    return change.low >= -same_within && change.high <= same_within;
}

void pair_up(Comparison& comparison) {
    const Pairs pairs = pairs_of(comparison.a, comparison.b);
    comparison.pairs = pairs.from.size();
    if (comparison.pairs == 0)
        comparison.reason = "no run of A and run of B that were made side by side both count";
    else
        comparison.change = compare_pairs(pairs.from, pairs.to, is_count(comparison.a) && is_count(comparison.b));
}

void judge(Comparison& comparison) {
    const Change& change = *comparison.change;
    if (!change.is_defined) {
        comparison.reason = "there is no ratio of " +
                            record::value_text(comparison.b.summary.median, comparison.b.unit) + " and " +
                            record::value_text(comparison.a.summary.median, comparison.a.unit);
        return;
    }
    const auto [low, high, confidence] = change.interval;
    const bool is_enough = change.basis != Change::Basis::too_few;
    const bool is_apart = is_enough && (low > 0 || high < 0);
    if (is_enough && is_same(change.interval)) {
        comparison.verdict = Found::same;
    } else if (!is_apart) {
        comparison.verdict = Found::no_evidence;
    } else if (comparison.b.better == Better::unknown) {
        comparison.reason = "it changed, and neither way is better by itself";
    } else {
        comparison.verdict = (comparison.b.better == Better::lower) == (high < 0) ? Found::better : Found::worse;
    }
}

} // namespace

const char* to_string(Comparison::Verdict verdict) noexcept {
    switch (verdict) {
    case Found::better:
        return "better";
    case Found::worse:
        return "worse";
    case Found::same:
        return "same";
    case Found::no_evidence:
        return "no evidence";
    case Found::unknown:
        break;
    }
    return "unknown";
}

std::vector<Comparison> compare(const Result& a, const Result& b, bool is_paired) {
    const std::string incomparable = why_incomparable(differences(b, a));
    std::vector<ValueSeries> of_b = gated_values(b, {}, record::CoreTypes::apart);
    std::vector<Comparison> all;
    for (ValueSeries& from : gated_values(a, {}, record::CoreTypes::apart)) {
        const ValueSeries* const to = find_same(of_b, from);
        if (to == nullptr)
            continue;
        Comparison& one = all.emplace_back();
        one.a = std::move(from);
        one.b = *to;
        one.reason = incomparable.empty() ? why_unknown(one.a, one.b) : incomparable;
        if (!one.reason.empty())
            continue;
        if (is_paired && !one.a.values.empty() && !one.b.values.empty())
            pair_up(one);
        else
            one.change = change_of(one.a, one.b);
        if (one.change)
            judge(one);
    }
    return all;
}

std::optional<double> smallest_change(const Change& of_same) {
    // A test at 95 % sees a change of d in a share p of cases if d is z(0.975) + z(p) standard errors: at 95 % that is
    // 1.960 + 1.645. The interval's half width is 1.960 of them, so d is 1.84 half widths (as clinical trials compute
    // their size; see Lehr, "Sixteen s-squared over d-squared", 1992).
    constexpr double half_widths = (1.959964 + 1.644854) / 1.959964;
    if (!of_same.is_defined || of_same.basis == Change::Basis::too_few)
        return std::nullopt;
    return half_widths * (of_same.interval.high - of_same.interval.low) / 2;
}

} // namespace pmc
