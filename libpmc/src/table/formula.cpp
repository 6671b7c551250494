#include "table/formula.hpp"

#include "table/characters.hpp"
#include "table/quote.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace pmc {

namespace {

constexpr int depth_limit = 200;

constexpr bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void append(std::vector<std::string>& to, std::vector<std::string>&& from) {
    for (std::string& name : from) {
        if (std::find(to.begin(), to.end(), name) == to.end())
            to.push_back(std::move(name));
    }
}

} // namespace

/// Recursive descent, writing postfix code. The first error stands; what is parsed after it does not matter.
class FormulaParser {
public:
    explicit FormulaParser(std::string_view text) : text_(text) { formula_.text_ = text; }

    Expected<Formula> parse() {
        sum();
        skip_space();
        if (!error_ && at_ < text_.size())
            fail("expected an operator", at_);
        if (error_)
            return std::move(*error_);
        return std::move(formula_);
    }

private:
    using Operation = Formula::Operation;

    void fail(std::string_view what, std::size_t offset, std::string hint = {}) {
        if (!error_)
            error_ = syntax_error("formula: " + std::string(what), text_, offset, std::move(hint));
        at_ = text_.size();
    }

    void skip_space() noexcept {
        while (at_ < text_.size() && is_space(text_[at_]))
            ++at_;
    }

    /// The next character that is not white space; 0 at the end.
    char peek() noexcept {
        skip_space();
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    bool take(char c) noexcept {
        if (at_ >= text_.size() || peek() != c)
            return false;
        ++at_;
        return true;
    }

    void emit(Operation operation) { formula_.steps_.push_back({operation}); }

    void sum() {
        product();
        while (!error_) {
            if (take('+')) {
                product();
                emit(Operation::add);
            } else if (take('-')) {
                product();
                emit(Operation::subtract);
            } else {
                return;
            }
        }
    }

    void product() {
        factor();
        while (!error_) {
            if (take('*')) {
                factor();
                emit(Operation::multiply);
            } else if (take('/')) {
                factor();
                emit(Operation::divide);
            } else {
                return;
            }
        }
    }

    void factor() {
        if (depth_ == depth_limit)
            return fail("nested too deeply", at_);
        ++depth_;
        operand();
        --depth_;
    }

    void operand() {
        const char c = peek();
        const std::size_t start = at_;
        if (take('-')) {
            factor();
            emit(Operation::negate);
        } else if (take('(')) {
            sum();
            close(start);
        } else if (take('`')) {
            quoted(start);
        } else if (is_digit(c) || c == '.') {
            number();
        } else if (is_lower(c)) {
            word();
        } else if (at_ == text_.size()) {
            fail("expected a number or a name at the end", at_);
        } else if (is_upper(c)) {
            fail("names are written in small letters", at_, "put other event names in backquotes: `L1-dcache-loads`");
        } else {
            fail("expected a number or a name", at_);
        }
    }

    void close(std::size_t opened) {
        if (!error_ && !take(')'))
            fail(at_ == text_.size() ? "a '(' is not closed" : "expected an operator or ')'",
                 at_ == text_.size() ? opened : at_);
    }

    void quoted(std::size_t start) {
        const std::size_t end = text_.find('`', at_);
        if (end == std::string_view::npos)
            return fail("a backquote is not closed", start);
        if (end == at_)
            return fail("no name between the backquotes", start);
        name(text_.substr(at_, end - at_), true, start);
        at_ = end + 1;
    }

    void number() {
        const char* const first = text_.data() + at_;
        double value = 0;
        const auto [end, status] = std::from_chars(first, text_.data() + text_.size(), value);
        if (status == std::errc::result_out_of_range)
            return fail("the number is out of range", at_);
        if (status != std::errc{})
            return fail("expected a number or a name", at_);
        formula_.steps_.push_back({Operation::number, value});
        at_ += static_cast<std::size_t>(end - first);
    }

    void word() {
        const std::size_t start = at_;
        while (at_ < text_.size() && (is_lower(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '_'))
            ++at_;
        const std::string_view text = text_.substr(start, at_ - start);
        if (peek() != '(')
            return name(text, false, start);
        if (text == "min" || text == "max")
            return call(text == "min" ? Operation::minimum : Operation::maximum, start);
        fail("there is no function of this name", start, "functions are min(…) and max(…)");
    }

    void call(Operation operation, std::size_t start) {
        const std::size_t opened = at_;
        take('(');
        std::size_t arguments = 0;
        do {
            sum();
            ++arguments;
        } while (!error_ && take(','));
        close(opened);
        if (arguments < 2)
            fail("min and max take two values or more", start);
        formula_.steps_.push_back({operation, 0, arguments});
    }

    void name(std::string_view text, bool is_quoted, std::size_t offset) {
        const auto known =
            std::find_if(formula_.names_.begin(), formula_.names_.end(),
                         [&](const Formula::Name& other) { return other.text == text && other.quoted == is_quoted; });
        const auto index = static_cast<std::size_t>(known - formula_.names_.begin());
        if (known == formula_.names_.end())
            formula_.names_.push_back({std::string(text), is_quoted, offset});
        formula_.steps_.push_back({Operation::name, 0, index});
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    Formula formula_;
    std::optional<Error> error_;
};

Expected<Formula> Formula::parse(std::string_view text) {
    return FormulaParser(text).parse();
}

const std::vector<Formula::Name>& Formula::names() const noexcept {
    return names_;
}

const std::string& Formula::text() const noexcept {
    return text_;
}

Formula::Outcome Formula::evaluate(const std::function<std::optional<double>(std::string_view)>& value_of) const {
    Outcome outcome;
    std::vector<double> values;
    values.reserve(names_.size());
    for (const Name& name : names_) {
        const std::optional<double> value = value_of(name.text);
        if (!value) {
            outcome.missing = name.text;
            return outcome;
        }
        values.push_back(*value);
    }

    std::vector<double> stack;
    const auto pop = [&stack] {
        const double top = stack.back();
        stack.pop_back();
        return top;
    };
    for (const Step& step : steps_) {
        switch (step.operation) {
        case Operation::number:
            stack.push_back(step.number);
            break;
        case Operation::name:
            stack.push_back(values[step.count]);
            break;
        case Operation::negate:
            stack.back() = -stack.back();
            break;
        case Operation::add: {
            const double right = pop();
            stack.back() += right;
            break;
        }
        case Operation::subtract: {
            const double right = pop();
            stack.back() -= right;
            break;
        }
        case Operation::multiply: {
            const double right = pop();
            stack.back() *= right;
            break;
        }
        case Operation::divide: {
            const double right = pop();
            if (right == 0) {
                outcome.divided_by_zero = true;
                return outcome;
            }
            stack.back() /= right;
            break;
        }
        case Operation::minimum:
        case Operation::maximum: {
            for (std::size_t i = 1; i < step.count; ++i) {
                const double right = pop();
                stack.back() = step.operation == Operation::minimum ? std::min(stack.back(), right)
                                                                    : std::max(stack.back(), right);
            }
            break;
        }
        }
        // Checked at every step: min(), max() and a division by infinity would hide an overflow.
        if (!std::isfinite(stack.back()))
            return outcome;
    }
    if (!stack.empty())
        outcome.value = stack.back();
    return outcome;
}

Formula::Sides Formula::sides() const {
    std::vector<Sides> stack;
    const auto pop = [&stack] {
        Sides top = std::move(stack.back());
        stack.pop_back();
        return top;
    };
    // A sum of fractions has no fraction line of its own.
    const auto flatten = [](Sides&& sides) {
        append(sides.numerator, std::move(sides.denominator));
        sides.denominator.clear();
        return std::move(sides);
    };
    for (const Step& step : steps_) {
        switch (step.operation) {
        case Operation::number:
            stack.emplace_back();
            break;
        case Operation::name:
            stack.push_back({{names_[step.count].text}, {}});
            break;
        case Operation::negate:
            break;
        case Operation::multiply: {
            Sides right = pop();
            append(stack.back().numerator, std::move(right.numerator));
            append(stack.back().denominator, std::move(right.denominator));
            break;
        }
        case Operation::divide: {
            Sides right = pop();
            append(stack.back().numerator, std::move(right.denominator));
            append(stack.back().denominator, std::move(right.numerator));
            break;
        }
        case Operation::add:
        case Operation::subtract:
        case Operation::minimum:
        case Operation::maximum: {
            const std::size_t arguments = std::max<std::size_t>(step.count, 2);
            const std::size_t first = stack.size() - arguments;
            Sides all = flatten(std::move(stack[first]));
            for (std::size_t i = first + 1; i < stack.size(); ++i)
                append(all.numerator, flatten(std::move(stack[i])).numerator);
            stack.resize(first);
            stack.push_back(std::move(all));
            break;
        }
        }
    }
    return stack.empty() ? Sides{} : std::move(stack.back());
}

} // namespace pmc
