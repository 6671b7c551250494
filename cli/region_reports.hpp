#pragma once

#include "kernel/private_folder.hpp"

#include <pmc/result.hpp>
#include <pmc/user.hpp>

#include <optional>
#include <string>

namespace cli {

/// What the processes of a command that use libpmc's regions report when they end: each writes a document into a
/// private folder, by PMC_REPORT in its environment. A process that can't (yet another user, chroot) has none; one that
/// outlives the command finds the folder gone. Nothing in there is trusted: with --user it is another user's.
class RegionReports {
public:
    /// Makes the folder, for the user as whom the command runs, unless there is a PMC_REPORT already. Nothing is
    /// reported if that fails.
    explicit RegionReports(const std::optional<pmc::User>& owner);

    /// PMC_REPORT for the command; empty: leave it as it is.
    [[nodiscard]] std::string variable() const;
    /// Adds the regions and notes of all that reported, in the order of their pids, to the run's, and empties the
    /// folder for the next run.
    void collect(pmc::Result& run) const;

private:
    std::optional<pmc::kernel::PrivateFolder> folder_; ///< gone with this
};

/// Adds to the notes of a Result with regions what must be known of them. `always`: else only where it shows.
void note_sharing(pmc::Result& result, bool always);

} // namespace cli
