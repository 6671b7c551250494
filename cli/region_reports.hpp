#pragma once

#include <pmc/result.hpp>

#include <string>

namespace cli {

/// What the processes of a command that use libpmc's regions report when they end: each writes a document into a
/// private folder, by PMC_REPORT in its environment. A process that can't (another user, chroot) has none; one that
/// outlives the command finds the folder gone.
class RegionReports {
public:
    /// Makes the folder, unless the user has a PMC_REPORT of his own. Nothing is reported if that fails.
    RegionReports();
    RegionReports(const RegionReports&) = delete;
    RegionReports& operator=(const RegionReports&) = delete;
    /// Removes the folder.
    ~RegionReports();

    /// PMC_REPORT for the command; empty: leave it as it is.
    [[nodiscard]] std::string variable() const;
    /// Adds the regions and notes of all that reported, in the order of their pids, to the run's, and empties the
    /// folder for the next run.
    void collect(pmc::Result& run) const;

private:
    std::string folder_; ///< empty: none
};

/// Adds to the notes of a Result with regions what must be known of them. `always`: else only where it shows.
void note_sharing(pmc::Result& result, bool always);

} // namespace cli
