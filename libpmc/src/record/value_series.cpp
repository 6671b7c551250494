#include "record/value_series.hpp"

#include "record/run_value.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace pmc {
namespace {

using Better = ValueSeries::Better;
using Kind = ValueSeries::Kind;
using record::CoreTypes;
using record::no_call;
using record::not_counted;
using record::OverCores;
using record::RunSamples;
using record::RunValue;

bool is_region(std::string_view scope) noexcept {
    return scope == "region" || scope == "region_self";
}

struct Row {
    std::string scope, id;
    std::vector<RunSamples> runs; ///< those that count and have it, ascending
    const Sample* first;          ///< of any run
};

/// All that was counted as one is the same row in all runs, whatever the process was called. CPUs stand once for each
/// cgroup.
std::pair<std::string, std::string> row_of(const Sample& sample) {
    if (sample.scope == "process" || sample.scope == "system" || sample.scope == "measure")
        return {};
    return {sample.scope,
            sample.cgroup.empty() || sample.scope == "cgroup" ? sample.id : sample.id + " of " + sample.cgroup};
}

Better better_of(const MetricValue& metric) noexcept {
    return metric.better == "higher" ? Better::higher : metric.better == "lower" ? Better::lower : Better::unknown;
}

class SeriesOf {
public:
    SeriesOf(const Result& result, CoreTypes core_types) : result_(result), core_types_(core_types) {
        if (!result.repeats || result.runs.empty()) {
            counting_.push_back(0);
        } else {
            for (std::size_t i = 0; i < result.runs.size(); ++i) {
                if (!result.runs[i].warmup && result.runs[i].disturbed.empty())
                    counting_.push_back(static_cast<int>(i));
            }
        }
        for (const Sample& sample : result.samples)
            add(sample);
        for (Row& row : rows_) {
            for (RunSamples& run : row.runs)
                keep_totals(run);
        }
    }

    std::vector<ValueSeries> all() {
        const bool has_whole = std::ranges::any_of(rows_, [](const Row& row) { return row.scope.empty(); });
        for (const Row& row : rows_) {
            add_values(row);
            if (row.scope.empty())
                add_elapsed();
            else if (is_region(row.scope))
                add_time(row);
        }
        if (!has_whole)
            add_elapsed();
        return std::move(series_);
    }

private:
    void add(const Sample& sample) {
        std::pair<std::string, std::string> key = row_of(sample);
        const auto [known, is_new] = places_.try_emplace(key, rows_.size());
        if (is_new)
            rows_.push_back({std::move(key.first), std::move(key.second), {}, &sample});
        // Passes and intervals are of one run.
        const int of = result_.repeats ? sample.run : 0;
        if (!std::ranges::binary_search(counting_, of))
            return;
        // Samples mostly come by their runs.
        std::vector<RunSamples>& runs = rows_[known->second].runs;
        auto run = runs.empty() || runs.back().run < of ? runs.end()
                                                        : std::ranges::lower_bound(runs, of, {}, &RunSamples::run);
        if (run == runs.end() || run->run != of)
            run = runs.insert(run, RunSamples{of, {}});
        run->samples.push_back(&sample);
    }

    /// The first run that counts and does not have the row; nothing if all have it.
    [[nodiscard]] std::optional<int> run_without(const Row& row) const {
        const auto at = std::ranges::mismatch(counting_, row.runs, {}, {}, &RunSamples::run).in1;
        return at == counting_.end() ? std::nullopt : std::optional{*at};
    }

    /// Where intervals are told, their total is what counts.
    static void keep_totals(RunSamples& run) {
        if (std::ranges::any_of(run.samples, [](const Sample* sample) { return sample->summary; }))
            std::erase_if(run.samples, [](const Sample* sample) { return !sample->summary; });
    }

    /// -r 1 is a single run, unless there were to be more.
    [[nodiscard]] bool is_repeated() const noexcept {
        return result_.repeats && (counting_.size() != 1 || !result_.repeats->ended.empty());
    }

    [[nodiscard]] bool is_passes() const noexcept { return !result_.repeats && !result_.runs.empty(); }

    void add_values(const Row& row) {
        // As the first run that has the row tells them; passes each tell their own.
        std::vector<const EventCount*> events;
        std::vector<const MetricValue*> metrics;
        const auto add_new_of = [&](const Sample& sample) {
            for (const EventCount& event : sample.events)
                add_new(events, event, [](const EventCount& a, const EventCount& b) { return a.name == b.name; });
            for (const MetricValue& metric : sample.metrics)
                add_new(metrics, metric, [](const MetricValue& a, const MetricValue& b) { return a.id == b.id; });
        };
        for (const RunSamples& run : row.runs) {
            for (const Sample* sample : run.samples)
                add_new_of(*sample);
        }
        if (counting_.empty())
            add_new_of(*row.first);
        for (const EventCount* event : events) {
            const OverCores cores = cores_of(events, *event);
            const bool is_summed = cores.each.size() > 1;
            if (is_summed && cores.each.front() != event)
                continue;
            ValueSeries one = series(row, event->name, event->name, event->unit, Kind::event);
            one.core = is_summed ? "" : event->core;
            one.encoding = event->encoding;
            one.better = Better::lower;
            one.is_asked = event->asked;
            one.source = result_.run.backend == "model" ? "model" : "measured";
            if (is_summed && has_statistics(row, cores))
                add_series(std::move(one), {not_counted(Cause::not_recorded, "only told of each core type alone")});
            else if (is_summed)
                fill(std::move(one), row, cores);
            else
                fill(std::move(one), row, *event);
        }
        for (const MetricValue* metric : metrics) {
            ValueSeries one = series(row, metric->id, metric->label, metric->unit, Kind::metric);
            one.core = metric->core;
            one.better = better_of(*metric);
            one.is_asked = metric->asked;
            one.source = metric->source;
            fill(std::move(one), row, *metric);
        }
    }

    /// Those that are to be summed with this one.
    [[nodiscard]] OverCores cores_of(const std::vector<const EventCount*>& events, const EventCount& event) const {
        OverCores cores;
        if (core_types_ == CoreTypes::apart || event.core.empty())
            return cores;
        for (const EventCount* other : events) {
            if (other->name == event.name && !other->core.empty())
                cores.each.push_back(other);
        }
        return cores;
    }

    /// What measure() found of some core type: the runs' sums are not known.
    [[nodiscard]] bool has_statistics(const Row& row, const OverCores& cores) const {
        return !is_repeated() && std::ranges::any_of(result_.statistics, [&](const Statistic& statistic) {
            return statistic.name == cores.each.front()->name && !statistic.core.empty() &&
                   statistic.scope == row.scope && statistic.id == row.id;
        });
    }

    template <class Value, class Same>
    static void add_new(std::vector<const Value*>& known, const Value& value, Same same) {
        if (std::ranges::none_of(known, [&](const Value* one) { return one->core == value.core && same(*one, value); }))
            known.push_back(&value);
    }

    [[nodiscard]] ValueSeries series(const Row& row, std::string name, std::string label, std::string unit,
                                     Kind kind) const {
        ValueSeries one;
        one.name = std::move(name);
        one.label = std::move(label);
        one.unit = std::move(unit);
        one.scope = row.scope;
        one.id = row.id;
        one.kind = kind;
        one.is_repeated = is_repeated();
        return one;
    }

    template <class Value>
    void fill(ValueSeries one, const Row& row, const Value& like) {
        std::vector<RunValue> values;
        values.reserve(row.runs.size());
        for (const RunSamples& run : row.runs)
            values.push_back(run_value(row, run, like));
        if (const std::optional<int> without = run_without(row))
            values.push_back(not_counted(Cause::never_ran, "not in run " + std::to_string(*without)));
        add_series(std::move(one), values);
    }

    template <class Value>
    [[nodiscard]] RunValue run_value(const Row& row, const RunSamples& run, const Value& like) const {
        if (is_region(row.scope))
            return per_call(run, like);
        if (run.samples.size() > 1 && !is_passes())
            return not_counted(Cause::not_recorded, "only told in intervals");
        std::optional<RunValue> none;
        for (const Sample* sample : run.samples) {
            std::optional<RunValue> found = record::value_in(*sample, like);
            if (found && found->state == State::counted)
                return *std::move(found);
            none = none ? std::move(none) : std::move(found);
        }
        return none ? *std::move(none) : not_counted(Cause::not_recorded, "not in run " + std::to_string(run.run));
    }

    void add_time(const Row& row) {
        std::vector<RunValue> values;
        for (const RunSamples& run : row.runs)
            values.push_back(time_per_call(run));
        if (run_without(row))
            values.push_back(no_call());
        ValueSeries one = series(row, "time", "time", "s", Kind::time);
        one.better = Better::lower;
        add_series(std::move(one), values);
    }

    /// Of the whole command: the run's own.
    void add_elapsed() {
        std::vector<RunValue> values;
        for (const int run : counting_) {
            const Result::Run& of =
                result_.repeats && !result_.runs.empty() ? result_.runs[static_cast<std::size_t>(run)] : result_.run;
            values.push_back(of.elapsed_s > 0
                                 ? RunValue{State::counted, {}, of.elapsed_s, 1}
                                 : not_counted(Cause::not_recorded, "the document does not tell how long it took"));
        }
        ValueSeries one = series({}, "time", "time", "s", Kind::time);
        one.better = Better::lower;
        add_series(std::move(one), values);
    }

    void add_series(ValueSeries one, const std::vector<RunValue>& values) {
        const auto is_gap = [](const RunValue& value) { return value.state != State::counted; };
        // That it never ran is no trouble, and may be all right: what else there is comes before.
        auto gap = std::ranges::find_if(
            values, [&](const RunValue& value) { return is_gap(value) && value.reason.cause != Cause::never_ran; });
        if (gap == values.end())
            gap = std::ranges::find_if(values, is_gap);
        if (values.empty()) {
            one.state = State::not_counted;
            one.reason = {Cause::disturbed, 0, "no run counts: each failed or was disturbed", {}};
            one.coverage = 0;
        } else if (gap != values.end()) {
            const bool everywhere =
                std::ranges::all_of(values, [&](const RunValue& value) { return value.state == gap->state; });
            one.state = everywhere ? gap->state : State::not_counted;
            one.reason = gap->reason;
            one.coverage = 0;
        } else {
            one.state = State::counted;
            take(one, values);
        }
        series_.push_back(std::move(one));
    }

    void take(ValueSeries& one, const std::vector<RunValue>& values) const {
        for (const RunValue& value : values)
            one.coverage = std::min(one.coverage, value.coverage);
        if (const Statistic* known = one.is_repeated ? nullptr : find_statistic(one)) {
            one.is_repeated = true;
            one.summary = known->summary;
            one.outliers = known->outliers;
            return;
        }
        for (const RunValue& value : values)
            one.values.push_back(value.value);
        one.runs = counting_;
        one.summary = summarize(one.values);
        // Of counts that repeat, one that is a little off is not far from the others.
        if (repeats(one.summary))
            return;
        for (const std::size_t place : outliers(one.values))
            one.outliers.push_back(one.runs[place]);
    }

    /// What measure() found: its document has the runs' summary alone.
    [[nodiscard]] const Statistic* find_statistic(const ValueSeries& one) const {
        const auto found = std::ranges::find_if(result_.statistics, [&](const Statistic& statistic) {
            return statistic.name == one.name && statistic.core == one.core && statistic.scope == one.scope &&
                   statistic.id == one.id;
        });
        return found == result_.statistics.end() ? nullptr : &*found;
    }

    const Result& result_;
    CoreTypes core_types_;
    std::vector<int> counting_; ///< the runs that count
    std::vector<Row> rows_;
    std::map<std::pair<std::string, std::string>, std::size_t> places_; ///< in rows_, by scope and id
    std::vector<ValueSeries> series_;
};

} // namespace

std::vector<ValueSeries> series_of(const Result& result) {
    return SeriesOf(result, CoreTypes::apart).all();
}

std::vector<ValueSeries> record::series_of(const Result& result, CoreTypes core_types) {
    return SeriesOf(result, core_types).all();
}

std::vector<Statistic> statistics_of(const Result& result) {
    std::vector<Statistic> statistics;
    for (ValueSeries& series : series_of(result)) {
        if (!series.has_value())
            continue;
        statistics.push_back({std::move(series.name), std::move(series.scope), std::move(series.id),
                              std::move(series.core), std::move(series.unit), std::move(series.source), series.summary,
                              std::move(series.outliers)});
    }
    return statistics;
}

} // namespace pmc
