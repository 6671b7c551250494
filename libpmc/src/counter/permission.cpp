#include "counter/open_event.hpp"

#include <cerrno>
#include <linux/perf_event.h>
#include <mutex>
#include <optional>

namespace pmc {
namespace {

struct Cache {
    std::mutex mutex;
    std::optional<Permission> host;
};

Cache& cache() {
    static auto* instance = new Cache; // never destroyed: threads may outlive main
    return *instance;
}

/// What a shortage says of now, and not of the next time.
bool is_shortage(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOMEM;
}

struct Answer {
    Permission permission;
    bool settled = true; ///< false: asked at a moment when files or memory were short
};

Answer ask(const Machine& machine) {
    Event clock;
    clock.name = "task-clock";
    clock.pmu = "software";
    clock.type = PERF_TYPE_SOFTWARE;
    clock.config = PERF_COUNT_SW_TASK_CLOCK;
    clock.source = EventSource::software;

    Opened opened = open_event(clock, {.mode = Mode::user_kernel, .disabled = true}, machine);
    if (opened.fd)
        return {{.mode = Mode::user_kernel, .denied = {}}};
    if (opened.error == EACCES) {
        opened = open_event(clock, {.mode = Mode::user, .disabled = true}, machine);
        if (opened.fd)
            return {{.mode = Mode::user, .denied = {}}};
    }
    return {{.mode = Mode::user, .denied = std::move(opened.reason)}, !is_shortage(opened.error)};
}

} // namespace

const Permission& permitted_mode(const Machine& machine) {
    // A captured machine has no kernel that could forbid anything.
    static const Permission all{};
    if (!machine.is_host())
        return all;

    Cache& known = cache();
    const std::lock_guard lock{known.mutex};
    if (known.host)
        return *known.host;
    Answer answer = ask(machine);
    if (!answer.settled) {
        // Of this moment only; each thread has its own, so that nobody's reference changes under him.
        thread_local Permission passing;
        passing = std::move(answer.permission);
        return passing;
    }
    return known.host.emplace(std::move(answer.permission));
}

void reset_permitted_mode() noexcept {
    Cache& known = cache();
    const std::lock_guard lock{known.mutex};
    known.host.reset();
}

} // namespace pmc
