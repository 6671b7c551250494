#pragma once

#include <pmc/expected.hpp>

#include <memory>
#include <regex.h>
#include <string>

namespace pmc {

/// A POSIX extended regular expression, as regcomp() takes it.
class Pattern {
public:
    /// Errors: syntax.
    static Expected<Pattern> compile(const std::string& text);

    /// Whether it is found anywhere in `text`.
    [[nodiscard]] bool matches(const std::string& text) const noexcept;

private:
    struct Free {
        void operator()(regex_t* compiled) const noexcept;
    };
    using Compiled = std::unique_ptr<regex_t, Free>;

    explicit Pattern(Compiled compiled) noexcept : compiled_(std::move(compiled)) {}

    Compiled compiled_;
};

} // namespace pmc
