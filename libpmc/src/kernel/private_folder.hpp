#pragma once

#include "kernel/unique_fd.hpp"

#include <pmc/expected.hpp>
#include <pmc/user.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace pmc::kernel {

/// A new folder in $TMPDIR (/tmp where that is not set, relative, or has a %) that nobody but its owner may look into.
/// Removed with all that is in it by the destructor. It is the folder that was made, whatever its path leads to later:
/// another user who owns it may move it, and put something else there.
class PrivateFolder {
public:
    /// Of this user, or of the one that it is for. Errors: io.
    static Expected<PrivateFolder> make(const std::optional<User>& owner = {});

    PrivateFolder(PrivateFolder&& other) noexcept;
    PrivateFolder& operator=(PrivateFolder&& other) noexcept;
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    ~PrivateFolder();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// The names of its files, sorted.
    [[nodiscard]] std::vector<std::string> names() const;
    /// A piece of one of its files, as long as that or up to its end; empty if it can't be read, or is none: a link, a
    /// fifo, another name of a file elsewhere.
    [[nodiscard]] std::string read(std::string_view name, off_t from, std::size_t most) const;
    /// Of one of its files; 0 if it is none.
    [[nodiscard]] off_t size(std::string_view name) const;

private:
    PrivateFolder(std::string path, UniqueFd fd) noexcept : path_(std::move(path)), fd_(std::move(fd)) {}
    [[nodiscard]] UniqueFd open(std::string_view name, off_t& size) const;
    void remove() noexcept;

    std::string path_;
    UniqueFd fd_;
};

} // namespace pmc::kernel
