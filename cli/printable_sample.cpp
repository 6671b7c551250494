#include "printable_sample.hpp"

#include "terminal.hpp"

#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

template <typename... Texts>
void clean(Texts&... texts) {
    ((texts = pmc::record::printable(std::move(texts))), ...);
}

void clean_reason(pmc::Reason& reason) {
    clean(reason.evidence, reason.remedy);
}

void clean_operands(std::vector<pmc::Operand>& operands) {
    for (pmc::Operand& operand : operands)
        clean(operand.role, operand.title, operand.unit);
}

} // namespace

pmc::Sample printable(pmc::Sample sample) {
    clean(sample.scope, sample.id, sample.name, sample.cgroup);
    for (pmc::EventCount& event : sample.events) {
        clean(event.name, event.encoding, event.unit, event.core, event.source);
        clean_reason(event.reason);
        for (pmc::GroupedCount& other : event.others)
            clean_reason(other.reason);
    }
    for (pmc::MetricValue& metric : sample.metrics) {
        clean(metric.id, metric.metric, metric.label, metric.unit, metric.quality, metric.scope, metric.source,
              metric.note, metric.formula, metric.core, metric.better);
        clean_reason(metric.reason);
        clean_operands(metric.operands);
        clean_operands(metric.also);
    }
    if (sample.region)
        clean_reason(sample.region->reason);
    return sample;
}

} // namespace cli
