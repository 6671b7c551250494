#pragma once

#include <pmc/export.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace pmc {

/// What became of an assertion.
enum class Outcome : std::uint8_t {
    pass,
    fail,
    unknown,      ///< it can't be told: it was not counted
    inconclusive, ///< it was measured, but not closely enough to tell
    invalid       ///< it can't be read, or asks for what nobody measured: a mistake in the assertion
};

/// "pass", "fail", "unknown", "inconclusive", "invalid".
PMC_API const char* to_string(Outcome outcome) noexcept;

/// The answer to an assertion such as "instructions.min <= 12000". True only if it is known to hold:
///
///     const pmc::Verdict verdict = measurement.check("instructions.min <= 12000");
///     if (verdict.outcome() == pmc::Outcome::unknown)
///         skip(verdict.message());
///     else
///         require(static_cast<bool>(verdict), verdict.message());
class Verdict {
public:
    Verdict(Outcome outcome, std::string message) : outcome_(outcome), message_(std::move(message)) {}

    [[nodiscard]] Outcome outcome() const noexcept { return outcome_; }
    /// One line: what was found, with the numbers; or why nothing was.
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    explicit operator bool() const noexcept { return outcome_ == Outcome::pass; }

private:
    Outcome outcome_;
    std::string message_;
};

} // namespace pmc
