#include "kernel/executable.hpp"

#include "kernel/closed_folder.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>

namespace pmc::kernel {
namespace {

/// The first bytes of a file; nothing, and errno, if it can't be opened.
std::optional<std::string> head_of(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return std::nullopt;
    std::string head(256, '\0');
    std::size_t size = 0;
    while (size < head.size()) {
        const ssize_t got = read(fd, head.data() + size, head.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    close(fd);
    head.resize(size);
    return head;
}

/// Of a script's #! line; empty if there is none.
std::string interpreter_of(const std::string& path) {
    const std::string head = head_of(path).value_or("");
    std::string_view line = head;
    if (!line.starts_with("#!"))
        return {};
    line = line.substr(2, line.find('\n') - 2);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return std::string(line.substr(0, line.find_first_of(" \t\r")));
}

/// Of this program's architecture, as far as the first bytes tell.
bool is_native(std::string_view head) noexcept {
    Elf64_Ehdr header{};
    if (head.size() < sizeof header)
        return false;
    std::memcpy(&header, head.data(), sizeof header);
#if defined(__x86_64__)
    constexpr unsigned machine = EM_X86_64;
#elif defined(__aarch64__)
    constexpr unsigned machine = EM_AARCH64;
#else
    const unsigned machine = header.e_machine;
#endif
    return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_machine == machine;
}

/// The errno that an exec of this file would fail with; 0 where it would not.
int exec_failure(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0)
        return errno;
    if (!S_ISREG(status.st_mode))
        return EACCES;
    if (access(path.c_str(), X_OK) != 0)
        return errno;
    if (access(path.c_str(), R_OK) != 0)
        return errno; // an exec needs no more than the right to execute, but valgrind reads the file
    const std::optional<std::string> head = head_of(path);
    if (!head)
        return errno;
    if (!head->starts_with("#!"))
        return is_native(*head) ? 0 : ENOEXEC;
    const std::string interpreter = interpreter_of(path);
    if (interpreter.empty())
        return ENOEXEC;
    return access(interpreter.c_str(), X_OK) == 0 ? 0 : errno;
}

/// The first of the paths at which there is something; empty if there is nothing.
std::string first_existing(const std::vector<std::string>& paths) {
    for (const std::string& path : paths)
        if (access(path.c_str(), F_OK) == 0)
            return path;
    return {};
}

std::string hint_for_missing(const std::string& name, const std::vector<std::string>& paths) {
    const std::string found = first_existing(paths);
    if (!found.empty()) {
        const std::string interpreter = interpreter_of(found);
        if (!interpreter.empty())
            return found + " exists, but its interpreter " + interpreter + " does not: correct its #! line";
        return found + " exists, but the loader it was linked for does not: is it built for this system?";
    }
    if (name.empty())
        return "its name is empty: is a variable not set?";
    if (name.find('/') != std::string::npos)
        return "check the path";
    struct stat here {};
    if (stat(name.c_str(), &here) == 0 && S_ISREG(here.st_mode) && access(name.c_str(), X_OK) == 0)
        return "it is in the current folder: run it as ./" + name;
    return "no folder in PATH has it: give its path, or correct PATH";
}

std::string hint_for_denied(const std::vector<std::string>& paths, const std::optional<User>& user) {
    const std::string found = first_existing(paths);
    const std::string closed = user ? closed_folder(found, *user) : std::string();
    struct stat status {};
    if (found.empty() || stat(found.c_str(), &status) != 0)
        return "a folder on its path may not be searched by this user";
    if (S_ISDIR(status.st_mode))
        return found + " is a folder: name a program in it";
    if (!closed.empty())
        return "user '" + user->name + "' may not search " + closed + ": put a copy where that user may";
    if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
        return "make it executable: chmod +x " + found;
    return "this user may not execute " + found + ", or its file system is mounted noexec";
}

} // namespace

std::string description_of(int error) {
    const char* known = strerrordesc_np(error); // not translated, unlike strerror
    std::string text = known != nullptr ? known : "unknown error";
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

std::string_view remedy_of(int error) noexcept {
    switch (error) {
    case EMFILE:
        return "raise the limit of open files: ulimit -n NUMBER";
    case ENFILE:
        return "close programs, or raise the system's limit of open files: sudo sysctl fs.file-max=NUMBER";
    case EAGAIN:
        return "end some processes, or raise the limit of them: ulimit -u NUMBER";
    case ENOMEM:
        return "free some memory, or raise the limit of it: ulimit -v unlimited";
    default:
        return {};
    }
}

std::vector<std::string> search_path(const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos)
        return {name};
    const char* variable = std::getenv("PATH");
    std::string_view rest = variable != nullptr ? variable : "/bin:/usr/bin";
    std::vector<std::string> paths;
    while (true) {
        const std::size_t colon = rest.find(':');
        std::string path(rest.substr(0, colon));
        path += path.empty() ? "./" : "/"; // an empty entry means the current folder
        paths.push_back(path += name);
        if (colon == std::string_view::npos)
            return paths;
        rest.remove_prefix(colon + 1);
    }
}

Expected<std::string> find_executable(const std::string& name) {
    const std::vector<std::string> paths = search_path(name);
    int error = ENOENT;
    for (const std::string& path : paths) {
        const int failure = exec_failure(path);
        if (failure == 0)
            return path;
        // As a shell has it: what may not be executed is passed over, but remembered.
        const bool passed_over = failure == ENOENT || failure == ENOTDIR || failure == EACCES;
        if (!passed_over || paths.size() == 1)
            return exec_error(name, paths, failure);
        if (failure == EACCES && access(path.c_str(), F_OK) == 0)
            error = EACCES;
    }
    return exec_error(name, paths, error);
}

bool changes_rights(const std::string& path) noexcept {
    struct stat status {};
    const bool has_bits = stat(path.c_str(), &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0;
    return has_bits || getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
}

Error exec_error(const std::string& name, const std::vector<std::string>& paths, int error,
                 const std::optional<User>& user) {
    const std::string shown = name.empty() ? "''" : name;
    std::string message = shown + ": " + description_of(error);
    std::string hint;
    switch (error) {
    case ENOENT:
        if (name.find('/') == std::string::npos && first_existing(paths).empty())
            message = shown + ": command not found";
        hint = hint_for_missing(name, paths);
        break;
    case EACCES:
        hint = hint_for_denied(paths, user);
        break;
    case ENOEXEC:
        hint = "it is no program for this machine: a script needs a #! line, a binary the right architecture";
        break;
    default:
        hint = remedy_of(error);
        break;
    }
    return Error(ErrorKind::command, Stage::exec, std::move(message), std::move(hint))
        .with_errno(error)
        .with_subject(name);
}

} // namespace pmc::kernel
