#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <linux/perf_event.h>
#include <map>
#include <sys/types.h>
#include <vector>

/// The unit tests' kernel: the functions of kernel/system_call.hpp. They make the real calls, unless a Kernel is alive.
namespace fake {

struct OpenCall {
    perf_event_attr attr{};
    pid_t pid = 0;
    int cpu = 0;
    int group_fd = -1;
    unsigned long flags = 0;
    int fd = -1;   ///< what it gave
    int error = 0; ///< or why not
};

/// For the length of a test: keeps a log of what is asked of the kernel, and answers as the test says. One at a time.
///
///     fake::Kernel kernel{fake::Kernel::made_up};
///     kernel.fail_open(1, EACCES);                  // the second open
class Kernel {
public:
    enum Answers {
        real,   ///< the real kernel's, except where a fault is scripted
        made_up ///< a PMU without limits that counts what the test says; touches no real file
    };
    explicit Kernel(Answers answers = real);
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    ~Kernel();

    /// The nth open from now on, counted from 0, fails with `error`.
    void fail_open(std::size_t nth, int error);
    /// Every open fails for which it gives an errno (0: goes on).
    void fail_open_if(std::function<int(const OpenCall&)> fault) { open_fault_ = std::move(fault); }
    /// At most so many events that are not software may be in one group, or EINVAL.
    void limit_group(std::size_t events) { group_limit_ = events; }
    /// As arm64 before 6.2: a disabled leader is not counted against the limit, and the group then never runs.
    void overlook_disabled_leader() { overlook_disabled_leader_ = true; }
    /// The size of the kernel's own perf_event_attr: a longer one is E2BIG. (The real one takes it if its tail is 0.)
    void set_attr_size(std::uint32_t size) { attr_size_ = size; }

    /// What made-up events have counted, by the order of opening; all 1000 × (n + 1) at first.
    void set_value(std::size_t nth_open, std::uint64_t value);
    /// The times of all made-up groups; 1000 both at first.
    void set_times(std::uint64_t enabled_ns, std::uint64_t running_ns);
    /// Takes over the reads: gets the words that would be given, changes them and their number at will.
    /// A negative answer is -errno.
    void on_read(std::function<int(std::vector<std::uint64_t>&)> fault) { read_fault_ = std::move(fault); }
    void fail_ioctl(int error) { ioctl_error_ = error; }
    /// What mapping the nth made-up open gives; null: EPERM, as when too much memory is locked. No other can be mapped
    /// (ENODEV).
    void set_page(std::size_t nth_open, void* page) { pages_[nth_open] = page; }

    /// File descriptors opened here and not yet closed.
    [[nodiscard]] std::size_t live() const { return open_fds_.size(); }
    [[nodiscard]] const std::vector<OpenCall>& opens() const { return opens_; }
    [[nodiscard]] const std::vector<int>& closes() const { return closes_; }
    struct IoctlCall {
        int fd;
        unsigned long request;
    };
    [[nodiscard]] const std::vector<IoctlCall>& ioctls() const { return ioctls_; }
    [[nodiscard]] std::size_t reads() const { return reads_; }
    /// Pages mapped here and not yet unmapped.
    [[nodiscard]] std::size_t mapped() const { return mapped_; }
    /// Whether a file was closed while pages were mapped: they would keep its counter in use.
    [[nodiscard]] bool closed_while_mapped() const { return closed_while_mapped_; }

    // The seam.
    int open(perf_event_attr* attr, pid_t pid, int cpu, int group_fd, unsigned long flags);
    int ioctl(int fd, unsigned long request, unsigned long argument);
    ssize_t read(int fd, void* buffer, std::size_t size);
    void* map(int fd, std::size_t size);
    int unmap(void* page, std::size_t size);
    int close(int fd);

private:
    struct OpenFd {
        std::size_t nth;
        int leader;
    };
    [[nodiscard]] int fault_of(const OpenCall& call);
    [[nodiscard]] std::size_t hardware_events(const OpenCall& call) const;
    [[nodiscard]] std::vector<std::uint64_t> group_words(int leader) const;

    Answers answers_;
    std::map<std::size_t, int> failing_;
    std::function<int(const OpenCall&)> open_fault_;
    std::function<int(std::vector<std::uint64_t>&)> read_fault_;
    std::size_t group_limit_ = static_cast<std::size_t>(-1);
    bool overlook_disabled_leader_ = false;
    std::uint32_t attr_size_ = sizeof(perf_event_attr);
    std::map<std::size_t, std::uint64_t> values_;
    std::uint64_t enabled_ns_ = 1000;
    std::uint64_t running_ns_ = 1000;
    int ioctl_error_ = 0;
    std::vector<OpenCall> opens_;
    std::vector<int> closes_;
    std::vector<IoctlCall> ioctls_;
    std::size_t reads_ = 0;
    std::map<std::size_t, void*> pages_;
    std::size_t mapped_ = 0;
    bool closed_while_mapped_ = false;
    std::map<int, OpenFd> open_fds_;
};

} // namespace fake
