#include <pmc/user.hpp>

#include "kernel/executable.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstddef>
#include <grp.h>
#include <optional>
#include <pwd.h>
#include <string_view>
#include <utility>

namespace pmc {
namespace {

std::optional<uid_t> number_in(std::string_view text) {
    uid_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    constexpr auto none = static_cast<uid_t>(-1); // "leave it as it is", to the system calls that set it
    if (error != std::errc{} || stop != end || number == none)
        return std::nullopt;
    return number;
}

/// An entry of the list of users, or the errno of why there is none; 0: it has no such user. `look` is one of
/// getpwnam_r's kind.
template <typename Look>
std::pair<std::optional<User>, int> entry(const Look& look) {
    constexpr std::size_t most = std::size_t{1} << 20;
    for (std::vector<char> texts(1024); texts.size() <= most; texts.resize(texts.size() * 2)) {
        passwd found{};
        passwd* there = nullptr;
        const int error = look(&found, texts.data(), texts.size(), &there);
        if (error == ERANGE)
            continue;
        if (there == nullptr)
            return {std::nullopt, error};
        return {User{found.pw_name, found.pw_uid, found.pw_gid, {}, found.pw_dir, found.pw_shell}, 0};
    }
    return {std::nullopt, ERANGE};
}

std::pair<std::optional<User>, int> look_up(const std::string& name) {
    auto found = entry([&](passwd* entry, char* texts, std::size_t size, passwd** there) {
        return getpwnam_r(name.c_str(), entry, texts, size, there);
    });
    const std::optional<uid_t> number = number_in(name);
    if (found.first || !number)
        return found;
    return entry([&](passwd* entry, char* texts, std::size_t size, passwd** there) {
        return getpwuid_r(*number, entry, texts, size, there);
    });
}

constexpr std::size_t most_groups = NGROUPS_MAX;

std::vector<gid_t> groups_of(const User& user) {
    std::vector<gid_t> groups(16);
    int count = static_cast<int>(groups.size());
    // Where there is no room it tells how much it takes; which may have grown by the time it is asked again. More than
    // the kernel takes need not be known: the first of them, where it fails even so.
    while (getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0 && groups.size() < most_groups) {
        const std::size_t wanted = std::max(static_cast<std::size_t>(std::max(count, 0)), groups.size() * 2);
        groups.resize(std::min(wanted, most_groups));
        count = static_cast<int>(groups.size());
    }
    groups.resize(std::min(static_cast<std::size_t>(std::max(count, 0)), groups.size()));
    return groups;
}

/// What the calls say where nobody has this name, beside 0.
bool means_nobody(int error) noexcept {
    return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

} // namespace

std::vector<std::string> User::variables() const {
    return {"HOME=" + home, "USER=" + name, "LOGNAME=" + name, "SHELL=" + (shell.empty() ? "/bin/sh" : shell)};
}

Expected<User> find_user(const std::string& name) {
    auto [user, error] = look_up(name);
    if (!user && means_nobody(error))
        return Error(ErrorKind::command, Stage::spawn, "there is no user '" + name + "'",
                     "name one that this system has, or its number: getent passwd lists them")
            .with_errno(error)
            .with_subject(name);
    if (!user)
        return Error(ErrorKind::command, Stage::spawn,
                     "user '" + name + "' can't be looked up: " + kernel::description_of(error))
            .with_errno(error)
            .with_subject(name);
    user->groups = groups_of(*user);
    return *std::move(user);
}

} // namespace pmc
