#include "target.hpp"

#include "table/formula.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

/// A formula, and its value for numbers of all kinds.
namespace fuzz {

using namespace pmc;

void take(std::string_view text) {
    const Expected<Formula> formula = Formula::parse(text);
    if (!formula) {
        expect(formula.error().kind() == ErrorKind::syntax, "what is no formula is a syntax error");
        return;
    }
    for (const double number : {0.0, 1.0, -3.5, 1e300, std::numeric_limits<double>::denorm_min()}) {
        const Formula::Outcome outcome = formula->evaluate([&](std::string_view) { return std::optional(number); });
        expect(!outcome.value || std::isfinite(*outcome.value), "a value is a number");
        expect(!(outcome.value && outcome.divided_by_zero), "a division by zero has no value");
    }
    const Formula::Outcome unknown = formula->evaluate([](std::string_view) { return std::optional<double>(); });
    expect(formula->names().empty() || unknown.missing == formula->names().front().text, "what is missing is named");
    const Formula::Sides sides = formula->sides();
    const auto stands_on = [](const auto& side, const Formula::Name& name) {
        return std::ranges::find(side, name.text) != side.end();
    };
    for (const Formula::Name& name : formula->names())
        expect(stands_on(sides.numerator, name) || stands_on(sides.denominator, name), "each name stands on a side");
}

} // namespace fuzz
