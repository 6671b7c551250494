#pragma once

#include <pmc/result.hpp>
#include <pmc/user.hpp>

#include <dirent.h>
#include <memory>
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
    struct Close {
        void operator()(DIR* folder) const noexcept { closedir(folder); }
    };
    std::unique_ptr<DIR, Close> folder_; ///< null: none. Whatever its path leads to later: its owner may move it
    std::string path_;
};

/// Adds to the notes of a Result with regions what must be known of them. `always`: else only where it shows.
void note_sharing(pmc::Result& result, bool always);

} // namespace cli
