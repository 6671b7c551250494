#include "counter/open_event.hpp"
#include "counter/planner.hpp"
#include "counter/reasons.hpp"

#include <cerrno>
#include <cstdint>
#include <map>
#include <mutex>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

namespace pmc {
namespace {

/// The name belongs to it, as the evidence names the event.
using Encoding = std::tuple<std::string, std::uint32_t, std::uint64_t, std::uint64_t, std::uint64_t, Mode>;
using Key = std::vector<Encoding>;

struct Cache {
    std::mutex mutex;
    std::map<Key, Reason> reasons;
};

Cache& cache() {
    static auto* instance = new Cache; // never destroyed: threads may outlive main
    return *instance;
}

Key key_of(const std::vector<Event>& events, Mode mode) {
    Key key;
    key.reserve(events.size());
    for (const Event& event : events)
        key.emplace_back(event.name, event.type, event.config, event.config1, event.config2,
                         event.has_mode ? event.mode : mode);
    return key;
}

/// An answer about this moment: the next may be another.
bool is_passing(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EBUSY || error == ENOSPC;
}

Reason try_group(const std::vector<Event>& events, Mode mode, const Machine& machine) {
    std::vector<std::size_t> order(events.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    put_leader_first(events, order);

    kernel::UniqueFd leader; // declared first: closed last
    std::vector<kernel::UniqueFd> siblings;
    for (const std::size_t i : order) {
        OpenRequest request{.mode = mode};
        if (!events[i].cpus.empty()) { // it is about a place, whoever asks
            request.pid = -1;
            request.cpu = events[i].cpus.front();
        }
        request.group_fd = leader.get();
        request.members = leader ? siblings.size() + 1 : 0;
        Opened opened = open_event(events[i], request, machine);
        if (!opened.fd)
            return opened.reason;
        if (leader)
            siblings.push_back(std::move(opened.fd));
        else
            leader = std::move(opened.fd);
    }
    return {};
}

} // namespace

Reason probe(const std::vector<Event>& events, Mode mode, const Machine& machine) {
    for (const Event& event : events) {
        if (event.unavailable)
            return event.unavailable;
    }
    if (const auto stranger = other_pmu(events))
        return mixed_pmus(events[stranger->event], events[stranger->leader]);
    // A captured machine has no kernel to try it on.
    if (!machine.is_host())
        return {};

    Cache& known = cache();
    Key key = key_of(events, mode);
    {
        const std::lock_guard lock{known.mutex};
        if (const auto found = known.reasons.find(key); found != known.reasons.end())
            return found->second;
    }
    Reason reason = try_group(events, mode, machine);
    if (is_passing(reason.error))
        return reason;
    const std::lock_guard lock{known.mutex};
    return known.reasons.try_emplace(std::move(key), std::move(reason)).first->second;
}

void reset_probe_cache() noexcept {
    Cache& known = cache();
    const std::lock_guard lock{known.mutex};
    known.reasons.clear();
}

} // namespace pmc
