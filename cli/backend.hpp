#pragma once

#include <pmc/machine.hpp>

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cli {

/// Who counts.
enum class Backend {
    hardware,     ///< the processor, and the kernel
    model,        ///< valgrind's cachegrind: the command as a whole
    model_regions ///< valgrind's callgrind: the regions of a program that uses libpmc
};

/// The words of the command line that say so.
class BackendArguments {
public:
    void add_to(CLI::App& app);
    [[nodiscard]] Backend backend() const noexcept;
    [[nodiscard]] bool is_given() const noexcept { return word_.has_value(); }
    /// What was given, as it stands in messages: "--backend model".
    [[nodiscard]] std::string option() const { return "--backend " + word_.value_or("hardware"); }

private:
    std::optional<std::string> word_;
};

/// The machine that counts.
const pmc::Machine& machine_of(Backend backend);

} // namespace cli
