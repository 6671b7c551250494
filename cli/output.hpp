#pragma once

#include <pmc/expected.hpp>

#include <string>
#include <string_view>
#include <sys/types.h>

namespace cli {

/// Where the report goes: stderr, or -o FILE. Tried before the command runs, so that a run is never lost to a bad path;
/// a regular file appears (or is replaced) only when the report is whole, and nothing lies beside it before.
class Output {
public:
    /// Empty path: stderr. Errors: io.
    static pmc::Expected<Output> open(const std::string& path);

    Output(Output&& other) noexcept;
    Output& operator=(Output&&) = delete;
    ~Output();

    /// Writes all of it and puts the file in its place. Errors: io (disk full, closed pipe).
    pmc::Expected<bool> write(std::string_view text);

private:
    Output(std::string path, int fd) noexcept;
    Output(std::string path, std::string target, mode_t mode) noexcept;

    std::string path_; ///< as it was given
    int fd_ = -1; ///< open: written in place (stderr, a pipe, a device, a file in a folder that can't be written to)
    std::string target_; ///< else: the file to replace
    mode_t mode_ = 0;    ///< of that file
};

} // namespace cli
