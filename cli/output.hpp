#pragma once

#include <pmc/expected.hpp>

#include <string>
#include <string_view>

namespace cli {

/// Where the report goes: stderr, or -o FILE. Opened before the command runs, so that a run is never lost to a bad
/// path; a regular file appears (or is replaced) only when the report is whole.
class Output {
public:
    /// Empty path: stderr. Errors: io.
    static pmc::Expected<Output> open(const std::string& path);

    Output(Output&& other) noexcept;
    Output& operator=(Output&&) = delete;
    /// What was not written is not left behind.
    ~Output();

    /// Writes all of it and puts the file in its place. Errors: io (disk full, closed pipe).
    pmc::Expected<bool> write(std::string_view text);

private:
    Output(int fd, std::string path, std::string temporary) noexcept;
    int fd_;
    std::string path_;
    std::string temporary_; ///< empty: written in place (stderr, a pipe, a device)
};

} // namespace cli
