#include "table/formula.hpp"
#include "table/notation.hpp"
#include "table/quote.hpp"
#include "table/user_tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <span>

namespace pmc::user {
namespace {

constexpr std::array<std::string_view, 13> metric_keys{"title", "read",     "source", "standard", "formula",
                                                       "unit",  "label",    "better", "values",   "group",
                                                       "also",  "variants", "sum"};
constexpr std::array<std::string_view, 5> value_keys{"formula", "unit", "label", "better", "optional"};
constexpr std::array<std::string_view, 7> variant_keys{"needs", "let", "values", "leader", "group", "smt", "example"};
constexpr std::array<std::string_view, 2> groups{"strict", "weak"};
constexpr std::array<std::string_view, 2> directions{"higher", "lower"};
constexpr std::array<std::string_view, 3> smt_states{"on", "off", "any"};

// A let may name every let before it: the look-up through them grows as a power of two.
constexpr std::size_t most_lets = 16;
constexpr std::size_t most_values = 64;
constexpr std::size_t most_variants = 64;

using Numbers = std::map<std::string_view, double, std::less<>>;

void add_once(std::vector<std::string_view>& to, std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
        if (std::ranges::find(to, name) == to.end())
            to.push_back(name);
    }
}

/// A formula of the document, and the roles that it comes down to.
struct CheckedFormula {
    std::string_view name; ///< of a let
    Place place;
    Formula formula;
    std::vector<std::string_view> roles;
};

double value_of(const CheckedFormula& checked, const Numbers& numbers) {
    const Formula::Outcome outcome = checked.formula.evaluate([&](std::string_view name) -> std::optional<double> {
        const auto found = numbers.find(name);
        return found == numbers.end() ? std::nullopt : std::optional(found->second);
    });
    if (!outcome.missing.empty())
        checked.place.fail("'example' has no number for " + pmc::quoted(outcome.missing));
    if (outcome.divided_by_zero)
        checked.place.fail("divides by zero for the counts of 'example'");
    if (!outcome.value)
        checked.place.fail("has no value for the counts of 'example'");
    return *outcome.value;
}

class MetricReader {
public:
    MetricReader(std::string_view id, const Place& metric, const Place& metrics, const Tables::State& state,
                 std::deque<std::string>& made)
        : id_(id), metric_(metric), metrics_(metrics), state_(state), made_(made) {}

    MetricDef read() {
        check_id();
        metric_.check_keys(metric_keys, {"title", "read", "source"});
        if (metric_.has("formula") && metric_.has("values"))
            metric_.fail("has either 'formula' (one value) or 'values'");
        for (const std::string_view key : {"unit", "label"})
            static_cast<void>(metric_.text(key));
        MetricDef def{.id = id_,
                      .title = metric_.text("title"),
                      .read = metric_.text("read"),
                      .source = metric_.text("source"),
                      .variants = {},
                      .also = roles(metric_, "also"),
                      .standard = metric_.flag("standard")};
        if (gives_formulas())
            def.variants.push_back(read_variant(metric_));
        if (metric_.has("variants")) {
            const std::vector<Place> variants = metric_.at("variants").items();
            if (variants.size() > most_variants)
                metric_.at("variants").fail("more than 64 variants");
            for (const Place& variant : variants) {
                variant.check_keys(variant_keys, {"values"});
                def.variants.push_back(read_variant(variant));
            }
        }
        if (def.variants.empty())
            metric_.fail("has no formula");
        return def;
    }

private:
    void check_id() const {
        if (!notation::is_identifier(id_))
            metric_.fail(quoted(id_) + " is not an id (small letters, digits, _)");
        if (notation::is_kernel_event(id_))
            metric_.fail("would hide the kernel's event of this name");
        if (state_.find_role_info(id_) != nullptr)
            metric_.fail("is the name of a role");
    }

    /// Whether the metric itself is a variant, the first.
    bool gives_formulas() const {
        if (metric_.has("formula"))
            return true;
        if (!metric_.has("values"))
            return false;
        const auto values = metric_.at("values").members();
        for (const auto& [key, value] : values)
            value.check_keys(value_keys);
        const auto with_formula =
            std::ranges::count_if(values, [](const auto& value) { return value.second.has("formula"); });
        if (with_formula != 0 && static_cast<std::size_t>(with_formula) != values.size())
            metric_.at("values").fail("either all values have a 'formula' here, or none (the variants then give them)");
        return with_formula != 0;
    }

    std::string_view role(const Place& place) const {
        const std::string_view name = place.text();
        const RoleInfo* info = state_.find_role_info(name);
        if (info == nullptr)
            place.fail(quoted(name) + " is not a role");
        return info->role;
    }

    std::vector<std::string_view> roles(const Place& place, std::string_view key) const {
        std::vector<std::string_view> roles = place.texts(key);
        if (!roles.empty()) {
            for (const Place& item : place.at(key).items())
                role(item);
        }
        return roles;
    }

    bool is_constant(std::string_view name) const {
        return std::ranges::find(state_.constants, name) != state_.constants.end();
    }

    /// What a formula's name stands for, in roles.
    std::vector<std::string_view> roles_of(const Formula::Name& name, std::span<const CheckedFormula> lets,
                                           const Place& place) const {
        if (name.quoted)
            place.fail("tables use roles only: no event in backquotes",
                       "give the event a role: in 'roles', and in 'events' of a CPU");
        if (const auto let = std::ranges::find(lets, name.text, &CheckedFormula::name); let != lets.end())
            return let->roles;
        if (const RoleInfo* info = state_.find_role_info(name.text))
            return {info->role};
        if (is_constant(name.text) || notation::is_builtin_value(name.text))
            return {};
        if (state_.find_metric(name.text) != nullptr || metrics_.has(name.text))
            place.fail(pmc::quoted(name.text) + " is a metric: formulas are made of roles, not of metrics",
                       metrics_.has(name.text) ? std::string("write that metric's own formula out")
                                               : "write that metric's own formula out; 'pmcstat list " +
                                                     printable(name.text) + "' shows it");
        place.fail(pmc::quoted(name.text) +
                   " is no role, no 'let' before it, no constant and none of seconds, group_seconds, width");
    }

    CheckedFormula check(const Place& place, std::string_view name, std::span<const CheckedFormula> lets) const {
        Expected<Formula> formula = Formula::parse(place.text());
        if (!formula) {
            // The first line: the lines with the caret are for the command line's own texts.
            const std::string& message = formula.error().message();
            constexpr std::string_view prefix = "formula: ";
            std::string what = message.substr(0, message.find('\n'));
            if (what.starts_with(prefix))
                what.erase(0, prefix.size());
            place.fail(what + ", in " + quoted(place.text()), formula.error().hint());
        }
        CheckedFormula checked{name, place, std::move(*formula), {}};
        for (const Formula::Name& used : checked.formula.names())
            add_once(checked.roles, roles_of(used, lets, place));
        return checked;
    }

    std::vector<CheckedFormula> read_lets(const Place& variant) const {
        std::vector<CheckedFormula> lets;
        if (!variant.has("let"))
            return lets;
        for (const auto& [name, place] : variant.at("let").members()) {
            if (!notation::is_identifier(name))
                place.fail(quoted(name) + " is not an identifier (small letters, digits, _)");
            if (state_.find_role_info(name) != nullptr || is_constant(name) || notation::is_builtin(name))
                place.fail("is the name of a role, a constant or a builtin");
            if (lets.size() == most_lets)
                place.fail("more than 16 of 'let'");
            lets.push_back(check(place, name, lets));
        }
        return lets;
    }

    /// A key of a value: its own, else what the metric's `values` say of it, else the metric.
    std::optional<Place> find(const Place& value, std::string_view name, std::string_view key) const {
        if (value.has(key))
            return value.at(key);
        if (value.is_text() && key == "formula")
            return value;
        if (metric_.has("values") && metric_.at("values").has(name)) {
            const Place shared = metric_.at("values").at(name);
            shared.check_keys(value_keys);
            if (shared.has(key))
                return shared.at(key);
        }
        const bool is_of_metric = key == "unit" || key == "better" || (key == "label" && name.empty());
        if (is_of_metric && metric_.has(key))
            return metric_.at(key);
        return std::nullopt;
    }

    Place needed(const Place& value, std::string_view name, std::string_view key) const {
        std::optional<Place> found = find(value, name, key);
        if (!found)
            value.fail("the key " + pmc::quoted(key) + " is missing");
        return std::move(*found);
    }

    MetricValueDef read_value(std::string_view name, const Place& value, const Place& formula) {
        const std::optional<Place> better = find(value, name, "better");
        const std::optional<Place> optional = find(value, name, "optional");
        std::string_view id = id_;
        if (!name.empty())
            id = made_.emplace_back(std::string(id_).append(".").append(name));
        return {.id = id,
                .label = needed(value, name, "label").text(),
                .unit = needed(value, name, "unit").text(),
                .formula = formula.text(),
                .better = better ? better->choice(directions) : std::string_view(),
                .optional = optional && optional->flag()};
    }

    /// Of a variant, or of the metric itself, which then is one.
    std::vector<std::pair<std::string_view, Place>> values_of(const Place& variant) const {
        if (&variant == &metric_ && metric_.has("formula"))
            return {{std::string_view(), metric_}};
        std::vector<std::pair<std::string_view, Place>> values = variant.at("values").members();
        if (values.size() > most_values)
            variant.at("values").fail("more than 64 values");
        for (const auto& [name, value] : values) {
            if (!name.empty() && !notation::is_identifier(name))
                value.fail(quoted(name) + " is not an identifier (small letters, digits, _)");
            if (!value.is_text())
                value.check_keys(value_keys);
        }
        return values;
    }

    MetricVariant read_variant(const Place& variant) {
        // The metric as a variant of its own has none of a variant's other keys but `group`.
        const bool is_metric = &variant == &metric_;
        const std::vector<CheckedFormula> lets = is_metric ? std::vector<CheckedFormula>{} : read_lets(variant);
        MetricVariant def;
        for (const CheckedFormula& let : lets)
            def.lets.push_back({let.name, let.place.text()});
        std::vector<CheckedFormula> formulas;
        if (!is_metric)
            def.needs = roles(variant, "needs");
        for (const auto& [name, value] : values_of(variant)) {
            formulas.push_back(check(needed(value, name, "formula"), name, lets));
            def.values.push_back(read_value(name, value, formulas.back().place));
            if (!def.values.back().optional)
                add_once(def.needs, formulas.back().roles);
        }
        if (std::ranges::all_of(def.values, &MetricValueDef::optional))
            variant.fail("not all values can be optional");
        if (!is_metric && variant.has("leader")) {
            def.leader = role(variant.at("leader"));
            std::erase(def.needs, def.leader);
            def.needs.insert(def.needs.begin(), def.leader);
        }
        const std::string_view group = metric_.choice("group", groups, "strict");
        def.strict = variant.choice("group", groups, group) == "strict";
        if (!is_metric) {
            const std::string_view smt = variant.choice("smt", smt_states, "any");
            def.smt = smt == "any" ? std::string_view() : smt;
        }
        check_sum(variant, lets, formulas);
        return def;
    }

    void check_sum(const Place& variant, std::span<const CheckedFormula> lets,
                   std::span<const CheckedFormula> formulas) const {
        Numbers numbers;
        if (variant.has("example")) {
            for (const auto& [name, number] : variant.at("example").members()) {
                if (!notation::is_identifier(name))
                    number.fail(quoted(name) + " is not an identifier (small letters, digits, _)");
                numbers[name] = number.number();
            }
        }
        if (!metric_.has("sum"))
            return;
        if (!variant.has("example"))
            variant.fail(
                "a metric with 'sum' needs an 'example' in each variant: made-up counts to check the sum with");
        for (const CheckedFormula& let : lets)
            numbers[let.name] = value_of(let, numbers);
        double total = 0;
        for (const CheckedFormula& formula : formulas)
            total += value_of(formula, numbers);
        const double sum = metric_.at("sum").number();
        if (std::abs(total - sum) > 1e-9 * std::max(std::abs(total), std::abs(sum)))
            variant.fail("the values of 'example' add up to " + shown(total) + ", not to " + shown(sum));
    }

    static std::string shown(double number) { return Json(number).dump(); }

    std::string_view id_;
    const Place& metric_;
    const Place& metrics_;
    const Tables::State& state_;
    std::deque<std::string>& made_;
};

bool is_played(std::string_view role, const Tables::State& state) {
    const RoleInfo* info = state.find_role_info(role);
    const std::string_view origin = info != nullptr && !info->of.empty() ? info->of : role;
    return std::ranges::any_of(state.cpus, [&](const auto& cpu) { return table_of(*cpu).find(origin) != nullptr; });
}

void check_played(std::span<const std::string_view> roles, const Place& metric, const Tables::State& state) {
    for (const std::string_view role : roles) {
        if (!is_played(role, state))
            metric.fail("no table has an event for the role " + quoted(role), "give it one in 'events' of a CPU");
    }
}

} // namespace

void read_metrics(const Place& document, Tables::State& state, std::deque<std::string>& made) {
    if (!document.has("metrics"))
        return;
    const Place metrics = document.at("metrics");
    for (const auto& [id, place] : metrics.members()) {
        MetricDef metric = MetricReader(id, place, metrics, state, made).read();
        const auto known = std::ranges::find(state.metrics, id, &MetricDef::id);
        if (known == state.metrics.end())
            state.metrics.push_back(std::move(metric));
        else
            *known = std::move(metric);
    }
}

void check_roles_are_played(const Place& document, const Tables::State& state) {
    if (!document.has("metrics"))
        return;
    for (const auto& [id, place] : document.at("metrics").members()) {
        const MetricDef* metric = state.find_metric(id);
        check_played(metric->also, place, state);
        for (const MetricVariant& variant : metric->variants)
            check_played(variant.needs, place, state);
    }
}

} // namespace pmc::user
