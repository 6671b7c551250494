#pragma once

#include <pmc/expected.hpp>
#include <pmc/user.hpp>

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cli {

/// What the command line says of how often the command runs, how quietly, and as whom.
struct RepeatOptions {
    std::optional<unsigned> runs; ///< none: once, unless something else wants more
    unsigned warmup = 0;
    bool allow_failures = false;
    bool calibrate = false; ///< against itself: what is the smallest change that shows?
    std::optional<int> cpu;
    bool fixed_addresses = false;
    bool fixed_environment = false;
    std::optional<pmc::User> user; ///< none: who runs pmcstat
};

/// The words of the command line that say so.
class RepeatArguments {
public:
    void add_to(CLI::App& app);
    /// Only those of how it runs: a comparison always repeats.
    void add_quiet_to(CLI::App& app);
    /// The first option that was given; empty: none.
    [[nodiscard]] std::string first() const;
    /// The first that has no meaning where the command runs once, or in passes; empty: none.
    [[nodiscard]] std::string first_of_repeats() const;
    /// Read. Errors: misuse, command (no such user).
    [[nodiscard]] pmc::Expected<RepeatOptions> options() const;

private:
    std::optional<std::string> runs_, warmup_, cpu_, user_;
    bool allow_failures_ = false, calibrate_ = false, fixed_addresses_ = false, fixed_environment_ = false;
};

} // namespace cli
