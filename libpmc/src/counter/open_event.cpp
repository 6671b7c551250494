#include "counter/open_event.hpp"

#include "counter/reasons.hpp"
#include "counter/user_access.hpp"
#include "kernel/client_request.hpp"
#include "kernel/process.hpp"
#include "kernel/system_call.hpp"
#include "machine/reason.hpp"

#include <cerrno>
#include <cstddef>

namespace pmc {
namespace {

Mode mode_of(const Event& event, const OpenRequest& request) noexcept {
    return event.has_mode ? event.mode : request.mode;
}

/// A kernel older than our headers takes a shorter attr if what it lacks is 0 anyway. It wrote its own size into the
/// attr that it refused.
bool fit_to_kernel(perf_event_attr& attr, std::size_t asked) noexcept {
    const std::size_t kernels = attr.size;
    if (kernels < PERF_ATTR_SIZE_VER0 || kernels >= asked)
        return false;
    const auto* bytes = reinterpret_cast<const unsigned char*>(&attr);
    for (std::size_t i = kernels; i < asked; ++i)
        if (bytes[i] != 0)
            return false;
    return true;
}

struct Attempt {
    int fd = -1;
    int error = 0;
};

/// One rung of the ladder.
Attempt attempt(perf_event_attr& attr, const OpenRequest& request) noexcept {
    for (;;) {
        const std::size_t asked = attr.size;
        const unsigned long flags = PERF_FLAG_FD_CLOEXEC | (request.cgroup ? PERF_FLAG_PID_CGROUP : 0UL);
        const int fd = kernel::perf_event_open(&attr, request.pid, request.cpu, request.group_fd, flags);
        if (fd >= 0)
            return {fd, 0};
        const int error = errno;
        if (error == EINTR)
            continue;
        if (error != E2BIG || !fit_to_kernel(attr, asked))
            return {-1, error};
    }
}

/// With the first of the ways to ask for user access that the kernel takes, or without.
Attempt attempt_with_access(perf_event_attr& attr, const OpenRequest& request, const Event& event,
                            const Machine& machine, Opened& opened) {
    if (request.user_access) {
        const std::uint64_t config1 = attr.config1;
        for (const std::uint64_t bits : user_access_bits(event, machine)) {
            attr.config1 = config1 | bits;
            const Attempt last = attempt(attr, request);
            // EOPNOTSUPP: this counter has no 64 bits for users. EINVAL: nor has the group.
            if (last.error == 0 || (last.error != EOPNOTSUPP && last.error != EINVAL)) {
                opened.user_access = last.error == 0;
                return last;
            }
        }
        attr.config1 = config1;
    }
    return attempt(attr, request);
}

Opened refused(Reason reason) {
    Opened opened;
    opened.error = reason.error;
    opened.reason = std::move(reason);
    return opened;
}

/// Asked after a refusal only: it looks into /proc.
Reach reach_of(const OpenRequest& request) {
    if (request.pid < 0 || request.cgroup)
        return Reach::cpu;
    if (request.pid == 0)
        return Reach::own;
    return kernel::is_foreign(request.pid) ? Reach::others : Reach::process;
}

std::size_t members_with(const OpenRequest& request) noexcept {
    return request.members + 1;
}

} // namespace

perf_event_attr make_attr(const Event& event, const OpenRequest& request) noexcept {
    perf_event_attr attr{};
    attr.size = sizeof(attr);
    attr.type = event.type;
    attr.config = event.config;
    attr.config1 = event.config1;
    attr.config2 = event.config2;
    attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    attr.disabled = request.disabled;
    attr.inherit = request.inherit;
    attr.enable_on_exec = request.enable_on_exec;
    // A PMU that counts in one place has no privilege levels, and refuses any of these bits (EINVAL).
    if (!event.cpus.empty() && !event.has_mode)
        return attr;
    const Mode mode = mode_of(event, request);
    attr.exclude_user = mode == Mode::kernel;
    attr.exclude_kernel = mode == Mode::user;
    attr.exclude_hv = mode != Mode::user_kernel;
    return attr;
}

Opened open_event(const Event& event, const OpenRequest& request, const Machine& machine) {
    if (event.unavailable)
        return refused(event.unavailable);
    if (kernel::under_valgrind())
        return refused(under_valgrind());
    if (!event.cpus.empty() && request.cpu < 0)
        return refused(counts_elsewhere(event));
    const Mode mode = mode_of(event, request);
    if (mode == Mode::user && happens_in_kernel(event))
        return refused(needs_kernel_mode(event, machine));

    Opened opened;
    perf_event_attr attr = make_attr(event, request);
    Attempt last = attempt_with_access(attr, request, event, machine, opened);
    if (last.error != 0)
        opened.tried.push_back(std::string{to_string(mode)} + ": " + errno_name(last.error));
    if (last.error == EOPNOTSUPP && !attr.exclude_guest) {
        // Apple's M1 PMU can't tell guests from the host, and says so to whoever does not exclude them (6.18).
        attr.exclude_guest = 1;
        last = attempt(attr, request);
        opened.tried.push_back(std::string{to_string(mode)} + " without guests: " +
                               (last.error != 0 ? errno_name(last.error) : std::string{"opened"}));
    }
    if (last.error == 0) {
        opened.fd = kernel::UniqueFd{last.fd};
        return opened;
    }

    opened.error = last.error;
    if (last.error == EINVAL && request.group_fd >= 0) {
        // EINVAL says nothing: is it the event, or that there is no room for it in the group?
        OpenRequest alone = request;
        alone.group_fd = -1;
        alone.members = 0;
        alone.disabled = true;
        Opened on_its_own = open_event(event, alone, machine);
        opened.reason = on_its_own.fd ? group_too_large(event.name, members_with(request)) : on_its_own.reason;
        opened.error = opened.reason.error;
        return opened;
    }
    if (last.error == ENOENT && request.cgroup) {
        // The event, or the cgroup: which has no perf_event as long as no controller was enabled below the root (6.1).
        OpenRequest everybody = request;
        everybody.cgroup = false;
        everybody.pid = -1;
        everybody.group_fd = -1;
        everybody.disabled = true;
        if (open_event(event, everybody, machine).fd) {
            opened.reason = not_in_cgroup();
            return opened;
        }
    }
    opened.reason = machine.why(last.error, event.name, event.pmu, mode != Mode::user, reach_of(request));
    return opened;
}

} // namespace pmc
