#include "gate/assertion.hpp"

#include "kernel/blanks.hpp"
#include "table/quote.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace pmc {
namespace {

using Comparison = Assertion::Comparison;
using Dimension = Assertion::Dimension;
using Statistic = Assertion::Statistic;
using kernel::trimmed;

// Longer ones first: "<=" begins with "<".
constexpr std::array<std::pair<std::string_view, Comparison>, 5> comparisons{{{"<=", Comparison::at_most},
                                                                              {">=", Comparison::at_least},
                                                                              {"==", Comparison::equal},
                                                                              {"<", Comparison::less},
                                                                              {">", Comparison::greater}}};
constexpr std::array<std::pair<std::string_view, Statistic>, 3> statistics{
    {{"min", Statistic::min}, {"median", Statistic::median}, {"max", Statistic::max}}};

struct Unit {
    std::string_view name;
    double factor;
    Dimension dimension;
};
constexpr std::array<Unit, 9> units{{{"", 1, Dimension::plain},
                                     {"k", 1e3, Dimension::plain},
                                     {"M", 1e6, Dimension::plain},
                                     {"G", 1e9, Dimension::plain},
                                     {"ns", 1e-9, Dimension::seconds},
                                     {"us", 1e-6, Dimension::seconds},
                                     {"ms", 1e-3, Dimension::seconds},
                                     {"s", 1, Dimension::seconds},
                                     {"%", 1, Dimension::percent}}};

constexpr std::string_view usage = "write it like instructions.min <= 12000, time < 1.5ms or ipc >= 2";

/// `place` is the part of the text that is wrong; empty: what is missing is at its end.
Error syntax(const std::string& problem, std::string_view text, std::string_view place) {
    return Error{ErrorKind::syntax, Stage::parse,
                 "the assertion " + quoted(text) + " has " + problem + (place.empty() ? "" : ": " + quoted(place)),
                 std::string{usage}}
        .with_subject(std::string{text});
}

struct Operator {
    std::size_t place;
    std::string_view text;
    Comparison comparison;
};

/// The first one. A lone = is part of a name: cpu/event=0xc0/.
Operator find_operator(std::string_view text) noexcept {
    for (std::size_t place = 0; place < text.size(); ++place)
        for (const auto& [name, comparison] : comparisons)
            if (text.substr(place).starts_with(name))
                return {place, name, comparison};
    return {std::string_view::npos, {}, {}};
}

/// Takes ".min" and the like off the name.
void split_statistic(Assertion& assertion, std::string_view left) {
    const auto dot = left.rfind('.');
    if (dot != std::string_view::npos) {
        for (const auto& [name, statistic] : statistics) {
            if (left.substr(dot + 1) != name)
                continue;
            assertion.statistic = statistic;
            left = left.substr(0, dot);
            break;
        }
    }
    assertion.name = left;
}

} // namespace

std::string_view to_string(Statistic statistic) noexcept {
    for (const auto& [name, known] : statistics)
        if (known == statistic)
            return name;
    return {};
}

std::string_view to_string(Comparison comparison) noexcept {
    for (const auto& [name, known] : comparisons)
        if (known == comparison)
            return name;
    return {};
}

bool holds(double number, Comparison comparison, double limit) noexcept {
    switch (comparison) {
    case Comparison::at_most:
        return number <= limit;
    case Comparison::less:
        return number < limit;
    case Comparison::at_least:
        return number >= limit;
    case Comparison::greater:
        return number > limit;
    case Comparison::equal:
        return number == limit;
    }
    return false;
}

Expected<Assertion> parse_assertion(std::string_view text) {
    const Operator found = find_operator(text);
    if (found.place == std::string_view::npos)
        return syntax("no <=, <, >=, > or ==", text, {});
    Assertion assertion;
    assertion.comparison = found.comparison;
    const std::string_view left = trimmed(text.substr(0, found.place));
    split_statistic(assertion, left);
    if (assertion.name.empty())
        return syntax("no name before " + std::string{found.text}, text, {});

    const std::string_view right = trimmed(text.substr(found.place + found.text.size()));
    const auto [end, error] = std::from_chars(right.data(), right.data() + right.size(), assertion.limit);
    if (error != std::errc{} || !std::isfinite(assertion.limit))
        return syntax("no number after " + std::string{found.text}, text, right);
    const std::string_view rest = trimmed(right.substr(static_cast<std::size_t>(end - right.data())));
    for (const Unit& unit : units) {
        if (unit.name != rest)
            continue;
        assertion.limit *= unit.factor;
        if (!std::isfinite(assertion.limit))
            return syntax("too large a number after " + std::string{found.text}, text, right);
        assertion.dimension = unit.dimension;
        assertion.written = right;
        return assertion;
    }
    return syntax("a unit that is none of k, M, G, ns, us, ms, s and %", text, rest);
}

} // namespace pmc
