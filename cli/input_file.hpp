#pragma once

#include <cstddef>
#include <string>

namespace cli {

/// A file that is read as a whole.
class InputFile {
public:
    /// "-" is stdin. What may be waited for (a FIFO) is waited for.
    explicit InputFile(const std::string& path);
    /// A regular file in a folder that others write to: nothing else is opened, and no link followed.
    InputFile(int folder, const char* name);
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    ~InputFile();

    /// errno, or 0 when all of it is in `text`. EFBIG: no end in sight (/dev/zero).
    [[nodiscard]] int read_all(std::string& text) const;

private:
    static constexpr std::size_t largest = 256U << 20;
    int fd_;
    int error_;
};

} // namespace cli
