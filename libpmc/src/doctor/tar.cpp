#include <pmc/doctor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <string_view>

namespace pmc {
namespace {

constexpr std::size_t block_size = 512;

/// A file's header as POSIX has it (pax, "ustar Interchange Format"): texts, and numbers in octal digits.
struct Header {
    char name[100], mode[8], user[8], group[8], size[12], time[12], checksum[8], type, link[100], magic[6], version[2],
        user_name[32], group_name[32], device_major[8], device_minor[8], prefix[155], unused[12];
};
static_assert(sizeof(Header) == block_size);

template <std::size_t N>
void put_text(char (&field)[N], std::string_view text) {
    std::memcpy(field, text.data(), std::min(text.size(), N));
}

/// All digits but one, which is 0.
template <std::size_t N>
void put_octal(char (&field)[N], std::uint64_t number) {
    for (std::size_t i = N - 1; i-- > 0; number /= 8)
        field[i] = static_cast<char>('0' + number % 8);
}

/// A long path is split at a slash. False if it is too long even so.
bool put_path(Header& header, std::string_view path) {
    if (path.size() <= sizeof header.name) {
        put_text(header.name, path);
        return true;
    }
    const std::size_t slash = path.find('/', path.size() - sizeof header.name - 1);
    if (slash == std::string_view::npos || slash > sizeof header.prefix)
        return false;
    put_text(header.prefix, path.substr(0, slash));
    put_text(header.name, path.substr(slash + 1));
    return true;
}

void append_file(std::string& archive, std::string_view path, std::string_view content) {
    Header header{};
    if (!put_path(header, path)) // no file of /proc or /sys that is known has such a name
        return;
    put_octal(header.mode, 0644);
    put_octal(header.user, 0);
    put_octal(header.group, 0);
    put_octal(header.size, content.size());
    put_octal(header.time, 0);
    header.type = '0';
    put_text(header.magic, std::string_view("ustar\0", 6));
    put_text(header.version, "00");
    std::memset(header.checksum, ' ', sizeof header.checksum); // so it is counted
    std::array<unsigned char, block_size> bytes{};
    std::memcpy(bytes.data(), &header, block_size);
    const std::uint64_t sum = std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
    put_octal(header.checksum, sum);
    header.checksum[7] = '\0';
    archive.append(reinterpret_cast<const char*>(&header), block_size);
    archive.append(content);
    archive.append((block_size - content.size() % block_size) % block_size, '\0');
}

} // namespace

std::string to_tar(const CapturedFiles& files) {
    std::string archive;
    for (const auto& [path, content] : files) {
        // Files are read without the white space at their end.
        const std::string text = content.empty() ? content : content + '\n';
        append_file(archive, std::string_view(path).substr(path.starts_with('/') ? 1 : 0), text);
    }
    return archive.append(2 * block_size, '\0');
}

} // namespace pmc
