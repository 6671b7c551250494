#pragma once

#include <pmc/expected.hpp>

#include <cstddef>
#include <functional>
#include <memory>
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

    /// The value, or nothing: a name without a value, or a division by zero (`divided_by_zero` then says which it was).
    struct Outcome {
        std::optional<double> value;
        bool divided_by_zero = false;
        std::string missing; ///< the name without a value
    };
    [[nodiscard]] Outcome evaluate(const std::function<std::optional<double>(std::string_view)>& value_of) const;

    /// The names above and below the outermost division, for "9.8 G instructions / 6.1 G cycles"; without a division
    /// all are above.
    struct Sides {
        std::vector<std::string> numerator, denominator;
    };
    [[nodiscard]] Sides sides() const;
    [[nodiscard]] const std::string& text() const noexcept;

private:
    struct Node;
    std::shared_ptr<const Node> root_;
    std::vector<Name> names_;
    std::string text_;
};

} // namespace pmc
