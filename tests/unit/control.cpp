#include "control.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using cli::Control;
using cli::ControlSpec;
using Command = cli::Control::Command;

namespace {

/// A control by pipes, and its other side.
class Peer {
public:
    Peer() {
        REQUIRE(pipe2(commands_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
        REQUIRE(pipe2(replies_.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() {
        for (const int fd : {commands_[0], commands_[1], replies_[0], replies_[1]})
            if (fd >= 0)
                close(fd);
    }
    [[nodiscard]] Control control() const {
        const ControlSpec spec{.commands_fd = commands_[0], .replies_fd = replies_[1]};
        return std::move(*Control::open(spec));
    }
    void send(std::string_view text) const {
        REQUIRE(write(commands_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    void leave() {
        close(commands_[1]);
        commands_[1] = -1;
    }
    [[nodiscard]] std::string replies() const {
        std::array<char, 256> buffer{};
        const ssize_t size = read(replies_[0], buffer.data(), buffer.size());
        return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    }

private:
    std::array<int, 2> commands_{-1, -1}, replies_{-1, -1};
};

std::string problem(std::string_view text) {
    return ControlSpec::parse(text).error().message();
}

} // namespace

TEST_SUITE("control") {
    TEST_CASE("where commands come from is a descriptor or a fifo, and so is where they are acknowledged") {
        CHECK(ControlSpec::parse("fd:3").value().commands_fd == 3);
        CHECK(ControlSpec::parse("fd:3").value().replies_fd == -1);
        CHECK(ControlSpec::parse("fd:3,4").value().replies_fd == 4);
        CHECK(ControlSpec::parse("fifo:/tmp/a:b").value().commands_path == "/tmp/a:b");
        CHECK(ControlSpec::parse("fifo:a,b").value().replies_path == "b");
    }

    TEST_CASE("anything else is refused") {
        for (const char* const text : {"", "junk", "fd", "fd:", "fd:,3", "fd:3,", "fd:x", "fd:-1", "fd:3,x", "fd:3,4,5",
                                       "fd:99999999999999", "fifo:", "fifo:,b", "fifo:a,", "FD:3"}) {
            CAPTURE(text);
            CHECK_FALSE(ControlSpec::parse(text));
            CHECK(problem(text).starts_with("--control: "));
        }
    }

    TEST_CASE("a descriptor that is not open, a fifo that is none, and one that is not there are errors") {
        CHECK(Control::open({.commands_fd = 987}).error().message() ==
              "--control: descriptor 987: Bad file descriptor");
        CHECK_FALSE(Control::open({.commands_path = "/dev/null"}));
        CHECK_FALSE(Control::open({.commands_path = "/nonexistent/fifo"}));
    }

    TEST_CASE("lines are commands, however they are cut up") {
        const Peer peer;
        Control control = peer.control();
        peer.send("enable\ndisable\n");
        CHECK(control.read() == std::vector{Command::enable, Command::disable});
        peer.send("pi");
        CHECK(control.read().empty());
        peer.send("ng\nst");
        CHECK(control.read() == std::vector{Command::ping});
        peer.send("op\n");
        CHECK(control.read() == std::vector{Command::stop});
        CHECK(control.read().empty()); // nothing there: no end either
        CHECK(control.fd() >= 0);
    }

    TEST_CASE("a NUL ends a command as well, as programs send it with their strings") {
        const Peer peer;
        Control control = peer.control();
        peer.send(std::string_view("enable\n\0disable\0", 16));
        CHECK(control.read() == std::vector{Command::enable, Command::disable});
    }

    TEST_CASE("what is no command is nothing, however long") {
        const Peer peer;
        Control control = peer.control();
        peer.send("ENABLE\nenabled\n enable\n\nping now\n");
        CHECK(control.read().empty());
        peer.send(std::string(900, 'x'));
        CHECK(control.read().empty());
        peer.send(std::string(900, 'x') + "enable\nping\n");
        CHECK(control.read() == std::vector{Command::ping});
    }

    TEST_CASE("acknowledged as perf does: with the NUL") {
        const Peer peer;
        Control control = peer.control();
        control.acknowledge();
        CHECK(peer.replies() == std::string("ack\n\0", 5));
    }

    TEST_CASE("a full pipe of acknowledgements is not waited for") {
        const Peer peer;
        Control control = peer.control();
        for (int i = 0; i < 20000; ++i)
            control.acknowledge();
        CHECK(peer.replies().starts_with("ack\n"));
    }

    TEST_CASE("when the other side is gone, nothing more is read") {
        Peer peer;
        Control control = peer.control();
        peer.send("enable\n");
        peer.leave();
        CHECK(control.read() == std::vector{Command::enable});
        CHECK(control.read().empty());
        CHECK(control.fd() == -1);
    }

    TEST_CASE("a fifo outlives those that write to it") {
        std::string folder = "/tmp/pmc-unit-XXXXXX";
        REQUIRE(mkdtemp(folder.data()) != nullptr);
        const std::string path = folder + "/fifo";
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        {
            Control control = std::move(*Control::open({.commands_path = path}));
            for (int i = 0; i < 2; ++i) {
                const int writer = open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
                REQUIRE(write(writer, "ping\n", 5) == 5);
                close(writer);
                CHECK(control.read() == std::vector{Command::ping});
                CHECK(control.read().empty());
            }
            CHECK(control.fd() >= 0);
        }
        unlink(path.c_str());
        rmdir(folder.c_str());
    }
}
