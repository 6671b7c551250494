#pragma once

#include <pmc/machine.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

/// Machines for tests: those captured in tests/data/trees, and ones made up on the spot.
namespace pmc::test {

inline std::string tree_path(std::string_view name) {
    const char* source = std::getenv("PMC_SOURCE_ROOT");
    return std::string(source != nullptr ? source : ".").append("/tests/data/trees/").append(name);
}

inline Machine captured(std::string_view name) {
    return Machine::from_tree(tree_path(name));
}

/// A folder that is gone after the test.
class ScratchTree {
public:
    ScratchTree() {
        std::string name = (std::filesystem::temp_directory_path() / "pmc-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw std::filesystem::filesystem_error("mkdtemp", std::error_code());
        root_ = name;
    }
    /// Starts as a copy of a captured machine.
    explicit ScratchTree(std::string_view name) : ScratchTree() {
        std::filesystem::copy(tree_path(name), root_, std::filesystem::copy_options::recursive);
    }
    ScratchTree(const ScratchTree&) = delete;
    ScratchTree& operator=(const ScratchTree&) = delete;
    ~ScratchTree() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    ScratchTree& write(std::string_view path, std::string_view content) {
        const std::filesystem::path file = root_ + std::string(path);
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
        return *this;
    }
    ScratchTree& remove(std::string_view path) {
        std::filesystem::remove_all(root_ + std::string(path));
        return *this;
    }
    [[nodiscard]] const std::string& root() const noexcept { return root_; }
    [[nodiscard]] Machine machine() const { return Machine::from_tree(root_); }

private:
    std::string root_;
};

} // namespace pmc::test
