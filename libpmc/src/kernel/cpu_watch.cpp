#include "kernel/cpu_watch.hpp"

#include <array>
#include <cerrno>
#include <linux/netlink.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace pmc::kernel {

CpuWatch CpuWatch::open() noexcept {
    CpuWatch watch;
    const int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (fd < 0)
        return watch;
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = 1; // the kernel's own; udev's copies are in group 2
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        close(fd);
    else
        watch.fd_ = fd;
    return watch;
}

CpuWatch& CpuWatch::operator=(CpuWatch&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0)
            close(fd_);
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

CpuWatch::~CpuWatch() {
    if (fd_ >= 0)
        close(fd_);
}

bool CpuWatch::take() noexcept {
    bool changed = false;
    std::array<char, 4096> message{};
    for (;;) {
        const ssize_t got = recv(fd_, message.data(), message.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return changed || errno == ENOBUFS;
        // "offline@/devices/system/cpu/cpu1", then the variables.
        const std::string_view text(message.data(), static_cast<std::size_t>(got));
        changed = changed || text.substr(0, text.find('\0')).find("@/devices/system/cpu/cpu") != std::string_view::npos;
    }
}

} // namespace pmc::kernel
