#pragma once

#include <sys/types.h>
#include <vector>

/// Somebody who holds counters of the lab's PMU by pinned events, as a profiler or the NMI watchdog might: they come
/// first, and whoever else wants counters gets what they leave. Gives them back at its end.
class Rival {
public:
    static constexpr int all_counters = 7; ///< of the lab's PMU: that of cycles, and six

    static Rival on_cpu(int cpu, int counters = all_counters) { return {-1, cpu, counters}; }
    static Rival on_thread(pid_t thread, int counters = all_counters) { return {thread, -1, counters}; }
    Rival(const Rival&) = delete;
    Rival& operator=(const Rival&) = delete;
    ~Rival() { end(); }
    void end();

private:
    Rival(pid_t thread, int cpu, int counters);

    std::vector<int> files_;
};
