#include "fake_kernel.hpp"

#include "kernel/system_call.hpp"

#include <cerrno>
#include <cstring>
#include <mutex>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fake {
namespace {

Kernel* active = nullptr;
std::recursive_mutex mutex; // threads open counters at once; a made-up signal handler may read them

/// Far above any real descriptor, so that a stray real call on one fails.
constexpr int first_made_up_fd = 1'000'000;

int real_open(perf_event_attr* attr, pid_t pid, int cpu, int group_fd, unsigned long flags) {
    return static_cast<int>(syscall(SYS_perf_event_open, attr, pid, cpu, group_fd, flags));
}

bool is_software(const perf_event_attr& attr) {
    return attr.type == PERF_TYPE_SOFTWARE || attr.type == PERF_TYPE_TRACEPOINT;
}

void* real_map(int fd, std::size_t size) {
    void* page = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
    return page == MAP_FAILED ? nullptr : page;
}

int fail(int error) {
    errno = error;
    return -1;
}

} // namespace

Kernel::Kernel(Answers answers) : answers_(answers) {
    active = this;
}

Kernel::~Kernel() {
    active = nullptr;
}

void Kernel::fail_open(std::size_t nth, int error) {
    failing_[opens_.size() + nth] = error;
}

void Kernel::set_value(std::size_t nth_open, std::uint64_t value) {
    values_[nth_open] = value;
}

void Kernel::set_times(std::uint64_t enabled_ns, std::uint64_t running_ns) {
    enabled_ns_ = enabled_ns;
    running_ns_ = running_ns;
}

std::size_t Kernel::hardware_events(const OpenCall& call) const {
    std::size_t events = is_software(call.attr) ? 0 : 1;
    for (const auto& [fd, open_fd] : open_fds_) {
        if (call.group_fd < 0 || open_fd.leader != call.group_fd)
            continue;
        const perf_event_attr& attr = opens_[open_fd.nth].attr;
        if (!is_software(attr) && !(overlook_disabled_leader_ && attr.disabled != 0))
            ++events;
    }
    return events;
}

int Kernel::fault_of(const OpenCall& call) {
    if (const auto scripted = failing_.find(opens_.size()); scripted != failing_.end())
        return scripted->second;
    if (open_fault_)
        if (const int error = open_fault_(call); error != 0)
            return error;
    return hardware_events(call) > group_limit_ ? EINVAL : 0;
}

int Kernel::open(perf_event_attr* attr, pid_t pid, int cpu, int group_fd, unsigned long flags) {
    OpenCall call{*attr, pid, cpu, group_fd, flags};
    call.error = fault_of(call);
    if (call.error == 0 && attr->size > attr_size_) {
        // The real kernel takes a longer attr if its tail is 0; this one never does, so that the retry can be seen.
        call.error = E2BIG;
        attr->size = attr_size_;
    }
    if (call.error == 0 && answers_ == real) {
        call.fd = real_open(attr, pid, cpu, group_fd, flags);
        call.error = call.fd < 0 ? errno : 0;
    } else if (call.error == 0) {
        call.fd = first_made_up_fd + static_cast<int>(opens_.size());
    }
    if (call.error == 0)
        open_fds_[call.fd] = {opens_.size(), group_fd < 0 ? call.fd : group_fd};
    opens_.push_back(call);
    return call.error == 0 ? call.fd : fail(call.error);
}

int Kernel::ioctl(int fd, unsigned long request, unsigned long argument) {
    ioctls_.push_back({fd, request});
    if (ioctl_error_ != 0)
        return fail(ioctl_error_);
    return answers_ == real ? ::ioctl(fd, request, argument) : 0;
}

std::vector<std::uint64_t> Kernel::group_words(int leader) const {
    std::size_t hardware = 0;
    std::vector<std::uint64_t> words{0, enabled_ns_, running_ns_};
    for (const auto& [fd, open_fd] : open_fds_) { // by fd: made-up ones grow in the order of opening
        if (open_fd.leader != leader)
            continue;
        const auto value = values_.find(open_fd.nth);
        words.push_back(value != values_.end() ? value->second : 1000 * (open_fd.nth + 1));
        hardware += is_software(opens_[open_fd.nth].attr) ? 0 : 1;
    }
    words[0] = words.size() - 3;
    if (hardware > group_limit_)
        for (std::size_t i = 2; i < words.size(); ++i)
            words[i] = 0;
    return words;
}

ssize_t Kernel::read(int fd, void* buffer, std::size_t size) {
    ++reads_;
    if (answers_ == real && !read_fault_)
        return syscall(SYS_read, fd, buffer, size);
    std::vector<std::uint64_t> words;
    if (answers_ == real) {
        words.resize(size / sizeof(std::uint64_t));
        const ssize_t got = ::read(fd, words.data(), size);
        if (got < 0)
            return got;
        words.resize(static_cast<std::size_t>(got) / sizeof(std::uint64_t));
    } else {
        words = group_words(fd);
    }
    if (read_fault_)
        if (const int answer = read_fault_(words); answer < 0)
            return fail(-answer);
    const std::size_t bytes = words.size() * sizeof(std::uint64_t);
    if (bytes > size)
        return fail(ENOSPC);
    if (bytes > 0)
        std::memcpy(buffer, words.data(), bytes);
    return static_cast<ssize_t>(bytes);
}

void* Kernel::map(int fd, std::size_t size) {
    void* page = nullptr;
    if (answers_ == real) {
        page = real_map(fd, size);
    } else if (const auto known = pages_.find(open_fds_.at(fd).nth); known != pages_.end()) {
        page = known->second;
        errno = EPERM;
    } else {
        errno = ENODEV;
    }
    mapped_ += page != nullptr ? 1 : 0;
    return page;
}

int Kernel::unmap(void* page, std::size_t size) {
    --mapped_;
    return answers_ == real ? munmap(page, size) : 0;
}

int Kernel::close(int fd) {
    closes_.push_back(fd);
    closed_while_mapped_ = closed_while_mapped_ || mapped_ > 0;
    open_fds_.erase(fd);
    return fd >= first_made_up_fd ? 0 : static_cast<int>(syscall(SYS_close, fd));
}

} // namespace fake

namespace pmc::kernel {

int perf_event_open(perf_event_attr* attr, pid_t pid, int cpu, int group_fd, unsigned long flags) noexcept {
    const std::lock_guard lock{fake::mutex};
    return fake::active != nullptr ? fake::active->open(attr, pid, cpu, group_fd, flags)
                                   : fake::real_open(attr, pid, cpu, group_fd, flags);
}

int perf_ioctl(int fd, unsigned long request, unsigned long argument) noexcept {
    const std::lock_guard lock{fake::mutex};
    return fake::active != nullptr ? fake::active->ioctl(fd, request, argument) : ioctl(fd, request, argument);
}

ssize_t perf_read(int fd, void* buffer, std::size_t size) noexcept {
    const std::lock_guard lock{fake::mutex};
    return fake::active != nullptr ? fake::active->read(fd, buffer, size) : syscall(SYS_read, fd, buffer, size);
}

void* perf_mmap(int fd, std::size_t size) noexcept {
    const std::lock_guard lock{fake::mutex};
    return fake::active != nullptr ? fake::active->map(fd, size) : fake::real_map(fd, size);
}

int perf_munmap(void* page, std::size_t size) noexcept {
    const std::lock_guard lock{fake::mutex};
    return fake::active != nullptr ? fake::active->unmap(page, size) : munmap(page, size);
}

int perf_close(int fd) noexcept {
    const std::lock_guard lock{fake::mutex};
    return fake::active != nullptr ? fake::active->close(fd) : static_cast<int>(syscall(SYS_close, fd));
}

} // namespace pmc::kernel
