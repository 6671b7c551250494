#include "target.hpp"

#include "metric/metric_set_state.hpp"

#include <pmc/metric_set.hpp>

#include <array>

/// -e, PMC_EVENTS and measure(): from a list to values, of made-up counts.
namespace fuzz {
namespace {

using namespace pmc;

/// One kind of core, several, and a model: without a kernel, so that nothing is opened.
const std::array<Machine, 3>& machines() {
    static const std::array all = {Tables::builtin().machine("neoverse-n1").value(),
                                   Tables::builtin().machine("alderlake-p").value(), Machine::callgrind()};
    return all;
}

Counts counts_of(const MetricSet::State& set) {
    Counts counts;
    for (std::size_t group = 0; group < set.plan.groups.size(); ++group)
        for (const std::size_t index : set.plan.groups[group].events)
            counts.push_back({index, static_cast<int>(group), Count(1000 * index, 2'000'000, 1'000'000), {}});
    return counts;
}

void count(const MetricSet& set) {
    Sample sample;
    evaluate(set.state(), counts_of(set.state()), 1, sample);
    expect(sample.events.size() == set.events().size(), "each event has its row");
    Result result;
    result.plan = set.plan();
    result.samples.push_back(std::move(sample));
    const Expected<Result> again = Result::from_json(result.to_json());
    expect(again.has_value(), "what was counted is a document");
}

} // namespace

void take(std::string_view text) {
    for (const Machine& machine : machines()) {
        const Expected<MetricSet> set = MetricSet::parse(text, machine, Tables::builtin());
        if (!set) {
            expect(!set.error().message().empty(), "an error says what is wrong");
            continue;
        }
        count(*set);
        const std::vector<MetricSet> passes = set->passes();
        expect(!passes.empty(), "there is a first pass");
        for (const MetricSet& pass : passes)
            expect(!pass.needs_multiplexing(), "no pass needs multiplexing");
    }
}

} // namespace fuzz
