#include "gate/doubt.hpp"
#include "gate/rows.hpp"
#include "gate/series_change.hpp"
#include "record/number.hpp"
#include "table/quote.hpp"

#include <pmc/gate.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace pmc {
namespace {

using Better = ValueSeries::Better;
using Kind = ValueSeries::Kind;

/// What is gated where nothing was asked for: the others of the standard set are for looking at.
constexpr std::array<std::string_view, 2> standard_names{"instructions", "cycles"};

/// How much worse, from there to here: below 0 it is better.
struct Worsening {
    double low = 0;
    double high = 0;
};

Worsening worsening_of(const Interval& change, Better better) noexcept {
    switch (better) {
    case Better::lower:
        return {change.low, change.high};
    case Better::higher:
        return {-change.high, -change.low};
    case Better::unknown:
        break;
    }
    // Either way is worse: how far it is from no change at all.
    const double near = change.low > 0 ? change.low : change.high < 0 ? -change.high : 0;
    return {near, std::max(std::abs(change.low), std::abs(change.high))};
}

/// "2 %", as it was written.
std::string share_text(double share) {
    std::array<char, 32> digits;
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), share * 100, std::chars_format::general, 6);
    return std::string(digits.data(), end) + " %";
}

std::string asked_text(double limit, Better better) {
    const std::string size = share_text(limit);
    switch (better) {
    case Better::lower:
        return "at most +" + size + " over the baseline";
    case Better::higher:
        return "at most -" + size + " under the baseline";
    case Better::unknown:
        break;
    }
    return "at most " + size + " from the baseline, either way";
}

/// Why one document can't be judged by the other at all.
std::optional<Doubt> doubt_of_both(const Result& now, const Result& baseline) {
    if (const std::string failure = failure_of(now); !failure.empty())
        return Doubt{"the command failed: " + failure, {}};
    if (const std::string failure = failure_of(baseline); !failure.empty())
        return Doubt{"the baseline's command failed: " + failure, "save the baseline anew"};
    if (const std::string why = why_incomparable(differences(now, baseline)); !why.empty())
        return Doubt{"the baseline is no measure of this: " + why, "save a baseline here"};
    return std::nullopt;
}

class Regression {
public:
    Regression(const Result& now, const Result& baseline, const Limits& limits, std::string_view region)
        : limits_(limits),
          now_(gated_values(now, region)),
          then_(gated_values(baseline, region)),
          doubt_(doubt_of_both(now, baseline)) {
        asks_ =
            std::ranges::any_of(now_, [](const ValueSeries& one) { return one.is_asked && one.kind != Kind::time; });
    }

    std::vector<Check> checks() {
        for (const ValueSeries& value : now_) {
            if (const std::optional<double> limit = limit_for(value))
                add(value, *limit);
        }
        for (const ValueSeries& value : then_) {
            if (const std::optional<double> limit = limit_for(value); limit && !has_row(now_, value))
                add_lone_row(value, *limit, "only the baseline has it", "save a new one");
        }
        for (const auto& [name, limit] : limits_.by_name) {
            if (std::ranges::find(answered_, name) == answered_.end())
                add_unanswered(name, limit);
        }
        if (checks_.empty()) {
            const auto has_limit = [&](const ValueSeries& value) { return limit_for(value).has_value(); };
            const bool is_apart = std::ranges::any_of(now_, has_limit) || std::ranges::any_of(then_, has_limit);
            Check none = is_apart ? refused(Outcome::unknown, "the baseline has nothing of what has a limit here",
                                            "save the baseline anew")
                                  : refused(Outcome::invalid, "nothing that was measured has a limit",
                                            "name a value with its limit, such as time=10%");
            none.asked = limits_.all ? asked_text(*limits_.all, Better::lower) : "";
            checks_.push_back(std::move(none));
        }
        return std::move(checks_);
    }

private:
    [[nodiscard]] std::optional<double> limit_for(const ValueSeries& value) {
        for (const auto& [name, limit] : limits_.by_name) {
            if (is_named(value, name))
                return limit;
        }
        if (!limits_.all || value.kind == Kind::time || value.better == Better::unknown)
            return std::nullopt;
        const bool is_meant =
            asks_ ? value.is_asked
                  : value.kind == Kind::event &&
                        std::ranges::any_of(standard_names, [&](std::string_view name) { return value.name == name; });
        return is_meant ? limits_.all : std::nullopt;
    }

    [[nodiscard]] static Check refused(Outcome outcome, std::string message, std::string hint) {
        Check check;
        check.outcome = outcome;
        check.message = std::move(message);
        check.hint = std::move(hint);
        return check;
    }

    [[nodiscard]] static bool has_row(const std::vector<ValueSeries>& values, const ValueSeries& like) {
        return std::ranges::any_of(
            values, [&](const ValueSeries& one) { return one.scope == like.scope && one.id == like.id; });
    }

    /// Of a row (a region, a CPU) that one document alone has: a check for all its values.
    void add_lone_row(const ValueSeries& value, double limit, std::string message, std::string hint) {
        // Threads have other numbers each time.
        if (value.scope.empty() || value.scope == "thread")
            return;
        answer(value);
        if (std::ranges::any_of(checks_,
                                [&](const Check& check) { return check.scope == value.scope && check.id == value.id; }))
            return;
        Check check = doubt_ ? refused(Outcome::unknown, doubt_->what, doubt_->hint)
                             : refused(Outcome::unknown, std::move(message), std::move(hint));
        describe(check, value, limit);
        checks_.push_back(std::move(check));
    }

    /// Another core type has a value of it.
    [[nodiscard]] bool is_elsewhere(const ValueSeries& value) const {
        const auto has_it = [&](const ValueSeries& one) {
            return one.kind == value.kind && one.name == value.name && one.scope == value.scope && one.id == value.id &&
                   one.has_value();
        };
        return std::ranges::any_of(now_, has_it) || std::ranges::any_of(then_, has_it);
    }

    void answer(const ValueSeries& value) {
        for (const auto& [name, unused] : limits_.by_name) {
            if (is_named(value, name))
                answered_.push_back(name);
        }
    }

    static void describe(Check& check, const ValueSeries& value, double limit) {
        check.name = full_name(value);
        check.scope = value.scope;
        check.id = value.id;
        check.asked = asked_text(limit, value.better);
        check.unit = value.unit;
        check.source = value.source;
        check.limit = limit;
    }

    void add(const ValueSeries& value, double limit) {
        const ValueSeries* const before = find_same(then_, value);
        if (before == nullptr && !value.scope.empty() && !has_row(then_, value)) {
            add_lone_row(value, limit, "the baseline does not have it", "save a new one");
            return;
        }
        // A program that stays on cores of one type has no ratios of the other.
        if (before != nullptr && never_ran(value) && never_ran(*before) && is_elsewhere(value))
            return;
        answer(value);
        Check check = doubt_ ? refused(Outcome::unknown, doubt_->what, doubt_->hint) : judged(value, before, limit);
        describe(check, value, limit);
        if (value.has_value())
            check.value = value.summary;
        if (before != nullptr && before->has_value())
            check.baseline = before->summary;
        checks_.push_back(std::move(check));
    }

    static Check judged(const ValueSeries& value, const ValueSeries* before, double limit) {
        if (const std::optional<Doubt> doubt = doubt_of(value))
            return refused(Outcome::unknown, doubt->what, doubt->hint);
        if (before == nullptr)
            return refused(Outcome::unknown, "the baseline does not have it", "save the baseline anew");
        if (const std::optional<Doubt> doubt = doubt_of(*before))
            return refused(Outcome::unknown, "in the baseline it is " + doubt->what, "save the baseline anew");
        if (value.source != before->source)
            return refused(Outcome::unknown,
                           value.source == "model" ? "it is modelled, and was measured in the baseline"
                                                   : "it was measured, and is modelled in the baseline",
                           "save a baseline here");
        return judged(value, *before, change_of(*before, value), limit);
    }

    static Check judged(const ValueSeries& value, const ValueSeries& before, const Change& change, double limit) {
        const std::string numbers = record::value_text(value.summary.median, value.unit) + ", baseline " +
                                    record::value_text(before.summary.median, before.unit);
        if (!change.is_defined)
            return refused(Outcome::unknown, numbers + ": there is no ratio of them",
                           "assert a limit of the value itself");
        const auto with_change = [&](Outcome outcome, std::string message, std::string hint) {
            Check check = refused(outcome, std::move(message), std::move(hint));
            check.change = change;
            return check;
        };
        if (change.basis == Change::Basis::too_few)
            return with_change(Outcome::inconclusive,
                               numbers + ", " + change_text(change.change) + ": too few runs for a verdict",
                               "it takes 4 runs of each, or 3 of counts that repeat");
        const std::string found = numbers + ", " + change_text(change);
        const Worsening worse = worsening_of(change.interval, value.better);
        if (worse.low > limit)
            return with_change(Outcome::fail, found, {});
        if (worse.high > limit)
            return with_change(Outcome::inconclusive, found, "more runs may tell");
        const bool is_better = value.better != Better::unknown && worse.high < -std::max(limit, same_within);
        return with_change(Outcome::pass, found,
                           is_better ? "better by more than the limit: the baseline may be saved anew" : "");
    }

    /// A limit's name that no row of both documents has.
    void add_unanswered(const std::string& name, double limit) {
        const auto has = [&](const std::vector<ValueSeries>& values) {
            return std::ranges::any_of(values, [&](const ValueSeries& one) { return is_named(one, name); });
        };
        Check check;
        if (has(now_) || has(then_)) {
            check = refused(Outcome::unknown, has(now_) ? "the baseline does not have it" : "only the baseline has it",
                            "save the baseline anew");
        } else {
            check = refused(Outcome::invalid, "nothing was measured by the name " + quoted(name),
                            hint_for(name, names_of(now_)));
        }
        check.name = name;
        check.asked = asked_text(limit, Better::lower);
        check.limit = limit;
        checks_.push_back(std::move(check));
    }

    const Limits& limits_;
    std::vector<ValueSeries> now_, then_;
    std::optional<Doubt> doubt_; ///< why all of it is unknown
    bool asks_ = false;          ///< something was asked for by name
    std::vector<std::string> answered_;
    std::vector<Check> checks_;
};

Check no_region(std::string_view region, Outcome outcome, std::string message, std::string hint) {
    Check check;
    check.outcome = outcome;
    check.scope = "region";
    check.id = region;
    check.message = std::move(message);
    check.hint = std::move(hint);
    return check;
}

} // namespace

std::vector<Check> check_regression(const Result& now, const Result& baseline, const Limits& limits,
                                    std::string_view region) {
    if (!region.empty()) {
        const std::vector<std::string> here = regions_of(now);
        const std::vector<std::string> there = regions_of(baseline);
        if (std::ranges::find(here, region) == here.end())
            return {no_region(region, Outcome::invalid, "there is no region " + quoted(region),
                              here.empty() ? "the document has no regions" : hint_for(region, here))};
        if (std::ranges::find(there, region) == there.end())
            return {no_region(region, Outcome::unknown, "the baseline has no region " + quoted(region),
                              "save the baseline anew")};
    }
    return Regression(now, baseline, limits, region).checks();
}

} // namespace pmc
