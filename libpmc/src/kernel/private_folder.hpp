#pragma once

#include "kernel/unique_fd.hpp"

#include <pmc/expected.hpp>
#include <pmc/user.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace pmc::kernel {

/// A new folder in the temporary_place() that nobody but its owner may look into. Removed with all that is in it by the
/// destructor. It is the folder that was made, whatever its path leads to later: another user who owns it may move it,
/// and put something else there, which stays.
class PrivateFolder {
public:
    /// Of this user, or of the one that it is for. Errors: io.
    static Expected<PrivateFolder> make(const std::optional<User>& owner = {});

    PrivateFolder(PrivateFolder&& other) noexcept = default;
    PrivateFolder& operator=(PrivateFolder&& other) noexcept;
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    ~PrivateFolder();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// What it was made in.
    [[nodiscard]] std::string place() const;
    /// For who reads more of it than this does.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    /// The names of its files, sorted.
    [[nodiscard]] std::vector<std::string> names() const;
    /// A piece of one of its files, as long as that or up to its end; empty if it can't be read, or is none: a link, a
    /// fifo, another name of a file elsewhere.
    [[nodiscard]] std::string read(std::string_view name, off_t from, std::size_t most) const;
    /// Of one of its files; 0 if it is none.
    [[nodiscard]] off_t size(std::string_view name) const;
    /// Removes all that is in it, and follows no link.
    void empty() const;

private:
    PrivateFolder(std::string path, std::string name, UniqueFd parent, UniqueFd fd) noexcept
        : path_(std::move(path)), name_(std::move(name)), parent_(std::move(parent)), fd_(std::move(fd)) {}
    [[nodiscard]] UniqueFd open(std::string_view name, off_t& size) const;
    [[nodiscard]] bool is_in_its_place() const noexcept;
    void remove() noexcept;

    std::string path_;
    std::string name_; ///< in the parent
    UniqueFd parent_;
    UniqueFd fd_; ///< none: moved from
};

} // namespace pmc::kernel
