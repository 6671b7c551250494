#pragma once

#include <pmc/expected.hpp>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace pmc::kernel {

/// A new folder in $TMPDIR (/tmp where that is not set, relative, or has a %) that nobody but this user may look into.
/// Removed with all that is in it by the destructor.
class PrivateFolder {
public:
    /// Errors: io.
    static Expected<PrivateFolder> make();

    PrivateFolder(PrivateFolder&& other) noexcept;
    PrivateFolder& operator=(PrivateFolder&& other) noexcept;
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    ~PrivateFolder();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// The names of its files, sorted.
    [[nodiscard]] std::vector<std::string> names() const;
    /// One of its files; in a failed state if it can't be read.
    [[nodiscard]] std::ifstream open(std::string_view name) const;
    /// The content of one of its files; empty if it can't be read.
    [[nodiscard]] std::string read(std::string_view name) const;

private:
    explicit PrivateFolder(std::string path) noexcept : path_(std::move(path)) {}
    void remove() noexcept;

    std::string path_;
};

} // namespace pmc::kernel
