#include "session/migrations.hpp"

#include "counter/open_event.hpp"
#include "kernel/system_call.hpp"

#include <array>
#include <linux/perf_event.h>

namespace pmc {

Migrations::Migrations(pid_t pid, const Machine& machine) {
    const Permission& permission = permitted_mode(machine);
    if (permission.mode != Mode::user_kernel || permission.denied)
        return;
    Event event;
    event.name = "cpu-migrations";
    event.source = EventSource::software;
    event.type = PERF_TYPE_SOFTWARE;
    event.config = PERF_COUNT_SW_CPU_MIGRATIONS;
    OpenRequest request;
    request.pid = pid;
    request.mode = Mode::user_kernel;
    request.disabled = request.inherit = request.enable_on_exec = true;
    fd_ = open_event(event, request, machine).fd;
}

std::int64_t Migrations::count() const noexcept {
    std::array<std::uint64_t, group_header + 1> words{};
    if (!fd_ || kernel::perf_read_whole(fd_.get(), words.data(), sizeof words) != sizeof words)
        return -1;
    return static_cast<std::int64_t>(words.back());
}

} // namespace pmc
