#include "control.hpp"

#include "errors.hpp"
#include "log.hpp"
#include "number_list.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;

constexpr const char* forms = "write it as fd:N[,M] or fifo:PATH[,PATH]";
constexpr std::size_t longest_line = 64;

pmc::Error malformed(std::string message) {
    return misuse(std::move(message), forms);
}

pmc::Error io_error(const std::string& what, int error, std::string hint) {
    return pmc::Error(pmc::ErrorKind::io, pmc::Stage::open,
                      fmt::format("--control: {}: {}", what, std::strerror(error)), std::move(hint))
        .with_errno(error);
}

/// For reading and writing, as perf opens it: so it is there before the other side is, and stays when that goes.
Expected<int> open_fifo(const std::string& path) {
    struct stat what {};
    constexpr const char* hint = "make it first: mkfifo PATH";
    if (stat(path.c_str(), &what) != 0)
        return io_error(path, errno, hint);
    if (!S_ISFIFO(what.st_mode))
        return pmc::Error(pmc::ErrorKind::io, pmc::Stage::open, fmt::format("--control: {} is no fifo", path), hint);
    const int fd = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return io_error(path, errno, "choose a fifo that you may read and write");
    return fd;
}

std::optional<Control::Command> command_of(std::string_view line) {
    constexpr std::array names = {
        std::pair{std::string_view("enable"), Control::Command::enable},
        std::pair{std::string_view("disable"), Control::Command::disable},
        std::pair{std::string_view("ping"), Control::Command::ping},
        std::pair{std::string_view("stop"), Control::Command::stop},
    };
    for (const auto& [name, command] : names)
        if (line == name)
            return command;
    return std::nullopt;
}

} // namespace

Expected<ControlSpec> ControlSpec::parse(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    if (colon == std::string_view::npos || (kind != "fd" && kind != "fifo"))
        return malformed(fmt::format("--control: '{}' is neither fd: nor fifo:", text));
    const std::string_view rest = text.substr(colon + 1);
    const std::size_t comma = rest.find(',');
    const std::string_view first = rest.substr(0, comma);
    const std::string_view second = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    if (first.empty() || (comma != std::string_view::npos && second.empty()))
        return malformed(fmt::format("--control: '{}' lacks a {}", text, kind == "fd" ? "number" : "path"));
    ControlSpec spec;
    if (kind == "fifo") {
        spec.commands_path = first;
        spec.replies_path = second;
        return spec;
    }
    constexpr int most = std::numeric_limits<int>::max();
    const Expected<int> commands = whole_number("--control", first, 0, most);
    const Expected<int> replies = second.empty() ? Expected<int>(-1) : whole_number("--control", second, 0, most);
    if (!commands || !replies)
        return malformed((commands ? replies : commands).error().message());
    spec.commands_fd = *commands;
    spec.replies_fd = *replies;
    return spec;
}

Expected<Control> Control::open(const ControlSpec& spec) {
    if (spec.commands_path.empty()) {
        for (const int fd : {spec.commands_fd, spec.replies_fd})
            if (fd >= 0 && fcntl(fd, F_GETFD) < 0)
                return io_error(fmt::format("descriptor {}", fd), errno, "give one that is open when pmcstat starts");
        return Control(spec.commands_fd, spec.replies_fd, false);
    }
    const Expected<int> commands = open_fifo(spec.commands_path);
    if (!commands)
        return commands.error();
    Control control(*commands, -1, true);
    if (!spec.replies_path.empty()) {
        const Expected<int> replies = open_fifo(spec.replies_path);
        if (!replies)
            return replies.error();
        control.replies_ = *replies;
    }
    return control;
}

Control::Control(Control&& other) noexcept
    : commands_(std::exchange(other.commands_, -1)),
      replies_(std::exchange(other.replies_, -1)),
      owns_(other.owns_),
      overlong_(other.overlong_),
      line_(std::move(other.line_)) {}

Control::~Control() {
    if (!owns_)
        return;
    for (const int fd : {commands_, replies_})
        if (fd >= 0)
            close(fd);
}

std::vector<Control::Command> Control::read() {
    std::array<char, 1024> buffer;
    const ssize_t size = ::read(commands_, buffer.data(), buffer.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return {};
    if (size <= 0) {
        log().debug("control: {}", size == 0 ? "closed" : std::strerror(errno));
        if (owns_)
            close(commands_);
        commands_ = -1;
        return {};
    }
    std::vector<Command> commands;
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(size))) {
        if (c != '\n' && c != '\0') {
            overlong_ = overlong_ || line_.size() == longest_line;
            if (!overlong_)
                line_.push_back(c);
            continue;
        }
        // A program that sends its commands with the NUL that ends them: "enable\n\0".
        if (const std::optional<Command> command = overlong_ ? std::nullopt : command_of(line_))
            commands.push_back(*command);
        else if (!line_.empty())
            log().warn("control: unknown command '{}'", printable_lines(line_));
        line_.clear();
        overlong_ = false;
    }
    return commands;
}

void Control::acknowledge() noexcept {
    if (replies_ < 0)
        return;
    // With its NUL, as perf sends it: programs read five bytes and compare them as a string.
    constexpr std::array reply = {'a', 'c', 'k', '\n', '\0'};
    pollfd writable{replies_, POLLOUT, 0};
    // A pipe that nobody empties must not stop the counting.
    const bool is_heard = poll(&writable, 1, 0) == 1 && write(replies_, reply.data(), reply.size()) > 0;
    if (!is_heard && !std::exchange(is_unheard_, true))
        log().warn("control: nobody takes the acknowledgement");
}

} // namespace cli
