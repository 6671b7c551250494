#include "kernel/private_folder.hpp"

#include "kernel/executable.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace pmc::kernel {

Expected<PrivateFolder> PrivateFolder::make() {
    const char* const variable = std::getenv("TMPDIR");
    const std::string_view chosen = variable == nullptr ? "" : variable;
    // A command may change its working folder: the path must be good from anywhere. And who is told to write there
    // replaces what follows a %, as valgrind does.
    const bool is_good = chosen.starts_with('/') && chosen.find('%') == std::string_view::npos;
    std::string path = std::string(is_good ? chosen : "/tmp") + "/pmcstat-XXXXXX";
    if (mkdtemp(path.data()) == nullptr)
        return Error(ErrorKind::io, Stage::open, path + ": " + description_of(errno),
                     "set TMPDIR to a folder that you may write to")
            .with_errno(errno)
            .with_subject(path);
    return PrivateFolder(std::move(path));
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PrivateFolder& PrivateFolder::operator=(PrivateFolder&& other) noexcept {
    if (this != &other) {
        remove();
        path_ = std::exchange(other.path_, {});
    }
    return *this;
}

PrivateFolder::~PrivateFolder() {
    remove();
}

void PrivateFolder::remove() noexcept {
    std::error_code ignored;
    if (!path_.empty())
        std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> PrivateFolder::names() const {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error))
        names.push_back(entry->path().filename().string());
    std::ranges::sort(names);
    return names;
}

std::ifstream PrivateFolder::open(std::string_view name) const {
    const std::filesystem::path path = std::filesystem::path(path_) / name;
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) ? std::ifstream(path, std::ios::binary) : std::ifstream();
}

std::string PrivateFolder::read(std::string_view name) const {
    std::ifstream file = open(name);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

} // namespace pmc::kernel
