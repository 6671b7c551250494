#include "kernel/file_tree.hpp"

#include "kernel/blanks.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace pmc::kernel {
namespace {

// Far above any file that is read here (/proc/cpuinfo of 512 CPUs has 0.7 MB); ends the reading of an endless one.
constexpr std::size_t max_file_size = std::size_t{16} << 20;

// The kernel's own limit (NR_CPUS) is 8192.
constexpr int max_cpu = 65535;

std::string absolute(const std::string& root, std::string_view path) {
    std::string full = root;
    if (!path.starts_with('/'))
        full += '/';
    return full += path;
}

std::optional<std::string> read_all(int fd) {
    std::string content;
    char buffer[4096];
    for (;;) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return std::nullopt;
        if (got == 0)
            return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > max_file_size)
            return std::nullopt;
    }
}

template <typename Number>
std::optional<Number> to_number(std::string_view text) noexcept {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace

std::optional<std::string> FileTree::read(std::string_view path) const {
    if (files_) {
        const auto file = files_->find(path);
        return file == files_->end() ? std::nullopt : std::optional(file->second);
    }
    // O_NONBLOCK: a FIFO in a captured tree must not hang us. Files of /proc and /sys don't mind.
    const int fd = ::open(absolute(root_, path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return std::nullopt;
    std::optional<std::string> content = read_all(fd);
    ::close(fd);
    if (content)
        content->erase(content->find_last_not_of(blanks) + 1);
    return content;
}

std::optional<long long> FileTree::read_number(std::string_view path) const {
    const std::optional<std::string> content = read(path);
    return content ? to_number<long long>(trimmed(*content)) : std::nullopt;
}

bool FileTree::exists(std::string_view path) const {
    if (files_)
        return files_->contains(path) || !list(path).empty();
    return ::access(absolute(root_, path).c_str(), F_OK) == 0;
}

std::vector<std::string> FileTree::list(std::string_view path) const {
    std::vector<std::string> names;
    if (files_) {
        const std::string folder = std::string(path) + '/';
        for (auto file = files_->lower_bound(folder); file != files_->end() && file->first.starts_with(folder);
             ++file) {
            const std::string_view rest = std::string_view(file->first).substr(folder.size());
            if (const std::string_view name = rest.substr(0, rest.find('/')); names.empty() || names.back() != name)
                names.emplace_back(name);
        }
        std::ranges::sort(names); // "cpu-x/…" stands before "cpu/…"
        return names;
    }
    const auto close = [](DIR* folder) { ::closedir(folder); };
    const std::unique_ptr<DIR, decltype(close)> folder(::opendir(absolute(root_, path).c_str()), close);
    if (!folder)
        return names;
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

std::vector<int> parse_cpu_list(std::string_view text) {
    std::vector<int> cpus;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view range = text.substr(0, comma);
        const std::size_t dash = range.find('-');
        const std::optional<int> first = to_number<int>(range.substr(0, dash));
        const std::optional<int> last = dash == std::string_view::npos ? first : to_number<int>(range.substr(dash + 1));
        if (!first || !last || *first < 0 || *last < *first || *last > max_cpu)
            return {};
        for (int cpu = *first; cpu <= *last; ++cpu)
            cpus.push_back(cpu);
        if (cpus.size() > static_cast<std::size_t>(max_cpu) + 1)
            return {};
        if (comma == std::string_view::npos)
            break;
        text.remove_prefix(comma + 1);
    }
    std::ranges::sort(cpus);
    cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end()); // clang 14 can't compile std::ranges::unique
    return cpus;
}

std::string_view find_field(std::string_view text, std::string_view key) noexcept {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == key)
            return trimmed(line.substr(colon + 1));
        if (end == std::string_view::npos)
            break;
        text.remove_prefix(end + 1);
    }
    return {};
}

bool has_word(std::string_view text, std::string_view word) noexcept {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t after = at + word.size();
        const bool starts = at == 0 || blanks.find(text[at - 1]) != std::string_view::npos;
        const bool ends = after == text.size() || blanks.find(text[after]) != std::string_view::npos;
        if (starts && ends)
            return true;
    }
    return false;
}

} // namespace pmc::kernel
