#pragma once

#include <pmc/expected.hpp>
#include <pmc/target.hpp>

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

/// What the command line says of what is counted: names are still to be looked up.
struct TargetOptions {
    pmc::Target target;                       ///< but for `names` and `cgroup_patterns`
    std::optional<std::string> name;          ///< --name: processes whose name matches
    std::vector<std::string> cgroup_patterns; ///< --for-each-cgroup

    /// Nothing is named: neither processes, nor CPUs, nor cgroups.
    [[nodiscard]] bool is_empty() const noexcept { return target.is_empty() && !name && cgroup_patterns.empty(); }
    [[nodiscard]] bool is_tasks() const noexcept { return !target.pids.empty() || !target.tids.empty() || name; }
    [[nodiscard]] bool is_cpus() const noexcept { return target.is_cpus() || !cgroup_patterns.empty(); }
};

/// The words of the command line that say so.
class TargetArguments {
public:
    void add_to(CLI::App& app);
    /// The first option that was given; empty: none.
    [[nodiscard]] std::string first() const;
    /// Read and checked against each other. Neither target nor command is all CPUs. Errors: misuse.
    [[nodiscard]] pmc::Expected<TargetOptions> options(bool has_command) const;

private:
    std::vector<std::string> pids_, tids_, cpus_, cgroups_, cgroup_patterns_;
    std::optional<std::string> name_;
    bool all_cpus_ = false, no_inherit_ = false;
    bool per_cpu_ = false, per_core_ = false, per_socket_ = false, per_node_ = false, per_thread_ = false;
};

/// The Target with the processes and cgroups that match by now. Errors: syntax, not_available (none does).
pmc::Expected<pmc::Target> find_target(const TargetOptions& options);

} // namespace cli
