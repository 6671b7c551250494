#pragma once

#include "kernel/unique_fd.hpp"
#include "machine/topology.hpp"
#include "session/attach.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace pmc {

/// CPUs, and cgroups on them: opens the counters, and follows CPUs that come and go.
class CpuAttachment {
public:
    CpuAttachment(const MetricSet::State& set, const Target& target);

    /// Errors: not_available (no CPU of those is online, no such cgroup, not permitted, too many files).
    Expected<Attached> attach();
    /// Opens the counters of CPUs that have come back, or come; those of CPUs that went are closed, and their counts
    /// stay. New counters are stopped; `on` says whether the others are. Whether any was opened.
    bool follow(Attached& attached, bool on);

private:
    struct Cgroup {
        std::string path; ///< empty: whoever runs there
        kernel::UniqueFd fd;
    };
    Expected<bool> open_cgroups(Attached& attached);
    [[nodiscard]] bool wants(int cpu) const;
    [[nodiscard]] std::vector<CpuPlace> online() const;
    Reason open_cpu(Attached& attached, const CpuPlace& place);
    std::size_t row_of(Attached& attached, std::size_t cgroup, const CpuPlace& place);
    void open_units(Attached& attached, const std::vector<CpuPlace>& places);
    void describe(Attached& attached) const;
    [[nodiscard]] std::string id_of(const CpuPlace& place) const;

    const MetricSet::State& set_;
    Target target_;
    std::vector<Cgroup> cgroups_;
    std::vector<int> seen_;                                           ///< CPUs that are or were counted, sorted
    std::vector<int> away_;                                           ///< of those, the ones that have gone, sorted
    std::map<std::pair<std::size_t, std::string>, std::size_t> rows_; ///< by cgroup and the row's id
};

} // namespace pmc
