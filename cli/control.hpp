#pragma once

#include <pmc/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Where commands come from, and where they are acknowledged: "fd:N[,M]" or "fifo:PATH[,PATH]".
struct ControlSpec {
    int commands_fd = -1, replies_fd = -1;   ///< of fd:
    std::string commands_path, replies_path; ///< of fifo:; empty: none

    /// Errors: misuse.
    static pmc::Expected<ControlSpec> parse(std::string_view text);
};

/// perf's protocol by which another program says when to count: a line (or what ends with a NUL) is a command, and each
/// that is known is acknowledged when it was done.
class Control {
public:
    enum class Command { enable, disable, ping, stop };

    /// Errors: io (no such fifo, a closed descriptor).
    static pmc::Expected<Control> open(const ControlSpec& spec);
    Control(Control&& other) noexcept;
    Control& operator=(Control&&) = delete;
    ~Control();

    /// To be polled; -1: nothing comes any more.
    [[nodiscard]] int fd() const noexcept { return commands_; }
    /// What has come; to be called when fd() is readable. The other side's end is no command: others may follow.
    std::vector<Command> read();
    /// Says that one was done.
    void acknowledge() noexcept;

private:
    Control(int commands, int replies, bool owns) noexcept : commands_(commands), replies_(replies), owns_(owns) {}

    int commands_ = -1;
    int replies_ = -1;
    bool owns_ = false;
    bool is_unheard_ = false; ///< it was said that nobody takes the replies
    bool overlong_ = false;   ///< the line that is being read is longer than any command
    std::string line_;
};

} // namespace cli
