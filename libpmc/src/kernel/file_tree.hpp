#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pmc::kernel {

/// Reads the files of /proc and /sys below a root, so that a captured machine is read by the same code as this one.
class FileTree {
public:
    /// Files that exist in memory only, by path.
    using Files = std::map<std::string, std::string, std::less<>>;

    explicit FileTree(std::string root = {}) : root_(std::move(root)) {}
    /// `root` then only names the tree.
    FileTree(std::string root, Files files)
        : root_(std::move(root)), files_(std::make_shared<const Files>(std::move(files))) {}

    [[nodiscard]] const std::string& root() const noexcept { return root_; }
    /// Whole content, without trailing white space; empty if it can't be read. Follows no assumption about st_size. A
    /// path starts with "/proc" or "/sys".
    [[nodiscard]] std::optional<std::string> read(std::string_view path) const;
    [[nodiscard]] std::optional<long long> read_number(std::string_view path) const;
    [[nodiscard]] bool exists(std::string_view path) const;
    /// Names in a folder, sorted, without "." and ".."; empty if there is none.
    [[nodiscard]] std::vector<std::string> list(std::string_view path) const;

private:
    std::string root_;
    std::shared_ptr<const Files> files_; ///< null: those of the file system
};

/// "0-3,8,10-11" → {0,1,2,3,8,10,11}, ascending; empty on anything else.
std::vector<int> parse_cpu_list(std::string_view text);

/// The value of the first "key : value" line, as /proc/cpuinfo and /proc/self/status have them; empty if there is none.
std::string_view find_field(std::string_view text, std::string_view key) noexcept;

/// Whether `word` is one of the blank-separated words of `text` (the flags of /proc/cpuinfo).
bool has_word(std::string_view text, std::string_view word) noexcept;

} // namespace pmc::kernel
