#pragma once

#include <utility>

namespace pmc::kernel {

/// Learns of CPUs that come and go, from the kernel's messages about devices (NETLINK_KOBJECT_UEVENT), which need no
/// privilege but reach only network namespaces of the first user namespace.
class CpuWatch {
public:
    /// Not open: fd() is -1.
    CpuWatch() = default;
    static CpuWatch open() noexcept;
    CpuWatch(CpuWatch&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    CpuWatch& operator=(CpuWatch&& other) noexcept;
    ~CpuWatch();

    /// Readable by poll() when a device has come or gone; -1 where that can't be known.
    [[nodiscard]] int fd() const noexcept { return fd_; }
    /// Reads what there is; whether a CPU was among it, or messages were lost.
    bool take() noexcept;

private:
    int fd_ = -1;
};

} // namespace pmc::kernel
