#pragma once

#include <pmc/expected.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

namespace cli {

/// Where the report goes: stderr, or -o FILE. Tried before anything is counted, so that a run is never lost to a bad
/// path. A regular file appears (or is replaced) only when a report is whole, and nothing lies beside it before; or
/// with the first piece of one that is written as it comes.
class Output {
public:
    /// Empty path: stderr. Errors: io.
    static pmc::Expected<Output> open(const std::string& path);

    Output(Output&& other) noexcept;
    Output& operator=(Output&&) = delete;
    ~Output();

    /// A whole report: puts it in the file's place, also in that of an earlier one. Errors: io (disk full, closed
    /// pipe).
    pmc::Expected<bool> write(std::string_view text);
    /// The next piece, written to the file itself at once, whose content the first one replaces. Errors: as above.
    pmc::Expected<bool> append(std::string_view text);

    /// Whom to ask while the reader takes nothing: whether pmcstat was told to end since the last time. Without that a
    /// slow reader is waited for whatever comes.
    void ask(std::function<bool()> is_told_to_end) { is_told_to_end_ = std::move(is_told_to_end); }

    /// What it is written to now; -1: nothing yet, a file.
    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] bool is_stderr() const noexcept { return path_.empty(); }

private:
    Output(std::string path, int fd) noexcept;
    Output(std::string path, std::string target, mode_t mode) noexcept;

    std::string path_; ///< as it was given
    int fd_ = -1; ///< open: written in place (stderr, a pipe, a device, a file in a folder that can't be written to)
    std::string target_; ///< else: the file to replace
    mode_t mode_ = 0;    ///< of that file
    bool appending_ = false;
    std::function<bool()> is_told_to_end_;
};

} // namespace cli
