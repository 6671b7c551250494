#include "session/abandoned.hpp"

#include "machine/reason.hpp"

#include <algorithm>
#include <unistd.h>

namespace pmc {
namespace {

constexpr const char* of_its_kind = " that changes rights (setuid) or may not be read";

Reason why_abandoned() {
    return make_reason(Cause::counters_ended,
                       std::string("the kernel ended the counters when a program was executed") + of_its_kind);
}

} // namespace

void leave_out_abandoned(Counts& counts) {
    for (GroupCount& one : counts) {
        const bool is_nothing = one.count.has_value() ? one.count.raw() == 0 : one.reason.cause == Cause::never_ran;
        if (!is_nothing)
            continue;
        one.count = Count{};
        one.reason = why_abandoned();
    }
}

void mark_abandoned(Sample& sample) {
    for (EventCount& event : sample.events)
        if (event.has_value())
            event.reason = why_abandoned();
    for (MetricValue& metric : sample.metrics)
        if (metric.has_value())
            metric.reason = why_abandoned();
}

bool are_short(const Counts& counts, double used_s) {
    constexpr double worth_telling_s = 0.02;
    double enabled_s = 0;
    for (const GroupCount& one : counts)
        enabled_s = std::max(enabled_s, static_cast<double>(one.count.enabled_ns()) * 1e-9);
    return enabled_s > 0 && used_s > worth_telling_s && enabled_s < used_s / 2;
}

std::string note_of_abandoned(const std::string& who) {
    return "counted in part: the kernel ended the counters when " + who + " executed a program" + of_its_kind +
           (geteuid() == 0 ? "; counting all CPUs (-a) misses nothing" : "; root can count more of it");
}

} // namespace pmc
