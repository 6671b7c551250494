#pragma once

#include <pmc/expected.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Formulas: + - * / ( ) min(,) max(,) numbers, identifiers, `events` in backquotes. No conditionals.
namespace pmc {

class Formula {
public:
    /// Errors: syntax, pointing at the place. Nesting is limited (200), so hostile input can't overflow the stack.
    static Expected<Formula> parse(std::string_view text);

    /// Names it uses, each once, in the order they appear. Those that stood in backquotes have quoted set.
    struct Name {
        std::string text;
        bool quoted = false;
        std::size_t offset = 0;
    };
    [[nodiscard]] const std::vector<Name>& names() const noexcept;

    /// The value, or nothing: a name without a value, a division by zero (`divided_by_zero` and `missing` say which it
    /// was), or a value out of the range of double.
    struct Outcome {
        std::optional<double> value;
        bool divided_by_zero = false;
        std::string missing; ///< the name without a value
    };
    [[nodiscard]] Outcome evaluate(const std::function<std::optional<double>(std::string_view)>& value_of) const;

    /// The names above and below the fraction line, for "9.8 G instructions / 6.1 G cycles": a / b / c is a over b and
    /// c. Without a division all are above.
    struct Sides {
        std::vector<std::string> numerator, denominator;
    };
    [[nodiscard]] Sides sides() const;
    [[nodiscard]] const std::string& text() const noexcept;

private:
    friend class FormulaParser;

    /// Postfix code: neither evaluating nor destroying a formula recurses, however long it is.
    enum class Operation : unsigned char { number, name, negate, add, subtract, multiply, divide, minimum, maximum };
    struct Step {
        Operation operation;
        double number = 0;     ///< number
        std::size_t count = 0; ///< name: index into names_; minimum, maximum: how many arguments
    };
    std::vector<Step> steps_;
    std::vector<Name> names_;
    std::string text_;
};

} // namespace pmc
