#pragma once

#include <cstddef>
#include <string>

namespace cli {

/// A file that is read as a whole.
class InputFile {
public:
    /// "-" is stdin. What may be waited for (a FIFO) is waited for.
    explicit InputFile(const std::string& path);
    /// A regular file in a folder that others write to: nothing else is opened, no link followed, and it may be no
    /// second name of a file elsewhere, which whoever made it may not read.
    InputFile(int folder, const char* name);
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    ~InputFile();

    /// errno, or 0 when all of it is in `text`. EFBIG: no end in sight (/dev/zero).
    [[nodiscard]] int read_all(std::string& text) const;

private:
    static constexpr std::size_t largest = 256U << 20;
    static constexpr std::size_t largest_of_others = 64U << 20; ///< ten times the most that libpmc's regions come to
    int fd_;
    int error_;
    std::size_t most_;
};

} // namespace cli
