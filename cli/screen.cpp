#include "screen.hpp"

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cli {
namespace {

int from_environment(const char* name, int otherwise) {
    const char* const value = std::getenv(name);
    const std::string_view text = value == nullptr ? "" : value;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number > 0 ? number : otherwise;
}

} // namespace

Screen Screen::of(int fd) {
    Screen screen;
    winsize size{};
    screen.is_terminal = fd >= 0 && isatty(fd) == 1;
    if (screen.is_terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        screen.columns = size.ws_col;
        screen.rows = size.ws_row;
        return screen;
    }
    screen.columns = from_environment("COLUMNS", screen.columns);
    screen.rows = from_environment("LINES", screen.rows);
    return screen;
}

} // namespace cli
