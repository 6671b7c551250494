#include "target.hpp"

#include "control.hpp"
#include "log.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

/// The first line as the value of --control, the others as what comes through it: at once, and byte by byte.
namespace fuzz {
namespace {

using cli::Control;

constexpr std::size_t most = 4096; ///< fits into a pipe, so that no write waits

std::vector<Control::Command> commands_of(std::string_view text, std::size_t piece) {
    int ends[2];
    expect(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0, "there is a pipe");
    cli::ControlSpec spec;
    spec.commands_fd = ends[0];
    pmc::Expected<Control> control = Control::open(spec);
    expect(control.has_value(), "an open descriptor will do");
    std::vector<Control::Command> all;
    while (!text.empty()) {
        const std::string_view next = text.substr(0, piece);
        expect(write(ends[1], next.data(), next.size()) == static_cast<ssize_t>(next.size()), "a pipe has room");
        text.remove_prefix(next.size());
        // More than enough for all that is there.
        for (std::size_t read = 0; read < next.size(); read += 1024)
            std::ranges::copy(control->read(), std::back_inserter(all));
    }
    close(ends[1]);
    (void)control->read();
    expect(control->fd() < 0, "the end is seen");
    close(ends[0]);
    return all;
}

} // namespace

void take(std::string_view text) {
    cli::set_log_level("off");
    (void)cli::ControlSpec::parse(first_line(text));
    const std::string_view lines = text.substr(0, most);
    expect(commands_of(lines, most) == commands_of(lines, 1), "commands are the same, however they come");
}

} // namespace fuzz
