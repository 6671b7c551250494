#include "record/number.hpp"
#include "record/region_table.hpp"
#include "record/terminal.hpp"

#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pmc {
namespace {

using record::Cell;
using record::duration_text;
using record::exact_text;
using record::no_counters_text;
using record::percent_text;
using record::printable;
using record::ratio_text;
using record::value_text;

constexpr double full_coverage = 0.9995; ///< below it, the coverage is shown

/// A region of one process: its sample, and that of itself alone where there is one.
struct Pair {
    const Sample* all = nullptr;
    const Sample* self = nullptr;
};
using Pairs = std::vector<Pair>;

/// Of the regions that were one process's in one run.
bool same_process(const Sample& a, const Sample& b) {
    return a.run == b.run && a.region->pid == b.region->pid;
}

/// By process, in the order of the document.
std::vector<Pairs> processes_of(const Result& result) {
    std::vector<Pairs> processes;
    const auto process_of = [&](const Sample& sample) {
        return std::ranges::find_if(processes,
                                    [&](const Pairs& process) { return same_process(*process.front().all, sample); });
    };
    for (const Sample& sample : result.samples) {
        if (!sample.region || sample.scope != "region")
            continue;
        const auto process = process_of(sample);
        if (process == processes.end())
            processes.push_back({{&sample, nullptr}});
        else
            process->push_back({&sample, nullptr});
    }
    for (const Sample& sample : result.samples) {
        if (!sample.region || sample.scope != "region_self")
            continue;
        const auto process = process_of(sample);
        if (process == processes.end())
            continue;
        const auto whole = std::ranges::find_if(*process, [&](const Pair& pair) { return pair.all->id == sample.id; });
        if (whole != process->end())
            whole->self = &sample;
    }
    return processes;
}

const MetricValue* find(const Sample& sample, const MetricValue& like) {
    const auto found = std::ranges::find_if(
        sample.metrics, [&](const MetricValue& one) { return one.id == like.id && one.core == like.core; });
    return found == sample.metrics.end() ? nullptr : &*found;
}

const EventCount* find(const Sample& sample, const EventCount& like) {
    const auto found = std::ranges::find_if(sample.events, [&](const EventCount& one) {
        return one.asked && one.name == like.name && one.core == like.core;
    });
    return found == sample.events.end() ? nullptr : &*found;
}

/// Of what is in the sample of the region itself.
template <class Value>
const Value* find_self(const Pair& pair, const Value& like) {
    return pair.self == nullptr ? nullptr : find(*pair.self, like);
}

/// Whether another region within it, or recursion, takes from it: a leaf's two samples are the same numbers.
bool has_parts(const Pair& pair) {
    if (pair.self == nullptr)
        return false;
    return pair.self->region->time_s < pair.all->region->time_s ||
           std::ranges::any_of(pair.all->events, [&](const EventCount& event) {
               const EventCount* const self = find_self(pair, event);
               return self != nullptr && self->count.raw() != event.count.raw();
           });
}

/// A mean may be less than a nanosecond.
std::string mean_duration_text(double seconds) {
    return seconds < 1e-6 ? ratio_text(seconds * 1e9) + " ns" : duration_text(seconds);
}

std::string mean_text(double value, std::string_view unit) {
    if (unit.empty())
        return ratio_text(value);
    return unit == "ns"  ? mean_duration_text(value * 1e-9)
           : unit == "s" ? mean_duration_text(value)
                         : value_text(value, unit);
}

std::string with_core(const std::string& name, const std::string& core) {
    return core.empty() ? name : name + " (" + core + ')';
}

void append(std::string& text, const std::string& more, std::string_view separator) {
    if (!text.empty() && !more.empty())
        text += separator;
    text += more;
}

std::string coverage_note(double coverage) {
    return coverage < full_coverage ? "counted " + percent_text(coverage) : std::string();
}

/// "counted 58.3 %: 9.843 G instructions / 6.112 G cycles".
std::string details_of(const MetricValue& metric) {
    std::string made_of;
    for (const Operand& operand : metric.operands)
        append(made_of, value_text(operand.value, operand.unit) + ' ' + operand.title, " / ");
    for (const Operand& operand : metric.also)
        append(made_of, value_text(operand.value, operand.unit) + ' ' + operand.title, ", ");
    std::string text = coverage_note(metric.coverage);
    append(text, made_of, ": ");
    append(text, metric.quality == "exact" ? "" : '[' + metric.quality + ']', "  ");
    return text;
}

std::string stand_in(State state, const Reason& reason) {
    return reason.cause == Cause::division_by_zero ? "-" : state == State::not_counted ? "not counted" : "n/a";
}

Cell cell_of(const MetricValue& metric) {
    if (!metric.has_value())
        return {stand_in(metric.state, metric.reason)};
    // Counts per cycle stand alone: the label says what they are.
    return {(metric.source == "model" ? "~" : "") + ratio_text(metric.number),
            metric.unit == "insn/cycle" ? std::string() : metric.unit};
}

/// The counts are those of the calls that were counted.
Cell cell_of(const EventCount& event, const RegionUse& use, bool is_model) {
    if (!event.has_value())
        return {stand_in(event.count.state(), event.reason)};
    const std::uint64_t counted = use.calls - std::min(use.uncounted, use.calls);
    const std::string mark = is_model ? "~" : "";
    return {mark + value_text(event.value(), event.unit),
            {},
            counted == 0 ? std::string() : mark + mean_text(event.value() / static_cast<double>(counted), event.unit)};
}

Cell time_cell(const RegionUse& use) {
    return {duration_text(use.time_s),
            {},
            use.calls == 0 ? std::string() : mean_duration_text(use.time_s / static_cast<double>(use.calls))};
}

/// "parse   200,000 calls, 4 threads", and what is out of the ordinary.
std::string name_line(const std::string& name, const RegionUse& use) {
    constexpr std::size_t most = 60;
    std::string text = record::shortened(name.empty() ? "''" : name, most) + "   " + exact_text(use.calls) +
                       (use.calls == 1 ? " call" : " calls");
    const auto add = [&](std::uint64_t number, std::uint64_t usual, const char* what) {
        if (number > usual)
            text += ", " + exact_text(number) + what;
    };
    add(use.threads, 1, " threads");
    add(use.openings, 0, " opened the counters");
    add(use.uncounted, 0, " not counted");
    add(use.dropped, 0, " dropped");
    return text;
}

/// What has no value, and why, each reason once for all regions.
class Missing {
public:
    void add(const std::string& who, const char* what, const Reason& reason) {
        if (!reason || reason.cause == Cause::division_by_zero)
            return;
        auto known = std::ranges::find_if(
            entries_, [&](const Entry& one) { return one.what == what && one.reason.evidence == reason.evidence; });
        if (known == entries_.end())
            known = entries_.insert(entries_.end(), Entry{{}, what, reason});
        if (std::ranges::find(known->who, who) == known->who.end())
            known->who.push_back(who);
    }

    /// `said`: a reason that stands above already, with its remedy if `hinted`.
    [[nodiscard]] std::string text(const Reason& said, bool hinted) const {
        std::string text;
        std::vector<std::string> remedies;
        for (const Entry& entry : entries_) {
            std::string who;
            for (const std::string& one : entry.who)
                append(who, one, ", ");
            const bool is_said = said && entry.reason.evidence == said.evidence;
            text += "  " + printable(who) + ' ' + std::string(entry.what) + ": " +
                    (is_said ? std::string(no_counters_text(entry.reason.cause)) : printable(entry.reason.evidence)) +
                    '\n';
            const std::string& remedy = entry.reason.remedy;
            if (!remedy.empty() && !(is_said && hinted) && std::ranges::find(remedies, remedy) == remedies.end())
                remedies.push_back(remedy);
        }
        for (const std::string& remedy : remedies)
            text += "  hint: " + printable(remedy) + '\n';
        return text;
    }

private:
    struct Entry {
        std::vector<std::string> who;
        std::string_view what;
        Reason reason;
    };
    std::vector<Entry> entries_;
};

/// The regions of one process, and what of them is missing.
class ProcessText {
public:
    ProcessText(const Pairs& regions, Missing& missing, bool is_model)
        : regions_(regions), missing_(missing), is_model_(is_model), table_(std::ranges::any_of(regions, has_parts)) {
        for (const Pair& region : regions)
            add(region);
    }

    [[nodiscard]] std::string text() const { return table_.text(); }

private:
    void add(const Pair& region) {
        const RegionUse& use = *region.all->region;
        table_.add_line(name_line(region.all->id, use));
        missing_.add("some calls", "not counted", use.reason);
        if (use.calls == 0)
            return;
        table_.add_row({"time", time_cell(use), region.self != nullptr ? time_cell(*region.self->region) : Cell{}});
        for (const MetricValue& metric : region.all->metrics)
            add(region, metric);
        for (const EventCount& event : region.all->events) {
            if (event.asked)
                add(region, event);
        }
    }

    void add(const Pair& region, const MetricValue& metric) {
        if (is_missing(metric, with_core(metric.label, metric.core), metric.state))
            return;
        // A second value of one label goes by its id: "llc miss", "llc.miss_rate".
        const auto first = std::ranges::find_if(region.all->metrics, [&](const MetricValue& one) {
            return one.label == metric.label && one.metric == metric.metric && one.core == metric.core;
        });
        const MetricValue* const self = find_self(region, metric);
        table_.add_row({with_core(&*first == &metric ? metric.label : metric.id, metric.core), cell_of(metric),
                        self != nullptr ? cell_of(*self) : Cell{},
                        metric.has_value() ? details_of(metric) : std::string()});
    }

    void add(const Pair& region, const EventCount& event) {
        const std::string label = with_core(event.name, event.core);
        if (is_missing(event, label, event.count.state()))
            return;
        const EventCount* const self = find_self(region, event);
        table_.add_row({label, cell_of(event, *region.all->region, is_model_),
                        self != nullptr ? cell_of(*self, *region.self->region, is_model_) : Cell{},
                        event.has_value() ? coverage_note(event.count.coverage()) : std::string()});
    }

    /// Whether no region has a value: that is said once, below the table.
    template <class Value>
    bool is_missing(const Value& value, const std::string& label, State state) {
        if (value.has_value())
            return false;
        missing_.add(label, to_string(state), value.reason);
        return std::ranges::none_of(regions_, [&](const Pair& region) {
            const Value* const there = find(*region.all, value);
            return there != nullptr && (there->has_value() || there->reason.cause == Cause::division_by_zero);
        });
    }

    const Pairs& regions_;
    Missing& missing_;
    bool is_model_;
    record::RegionTable table_;
};

bool is_model(const Result& result) noexcept {
    return result.run.backend == "model";
}

/// Without them there is no mode.
bool has_counts(const Sample& sample) {
    return !sample.events.empty() || !sample.metrics.empty();
}

/// "regions: ./app --fast   pid 4121, user": whose they are, unless a report above has said it.
std::string title(const Result& result, const Sample& region, bool is_own_report) {
    std::string text = "regions: ";
    if (is_own_report && !result.run.argv.empty()) {
        std::string command;
        for (const std::string& argument : result.run.argv)
            append(command, argument, " ");
        constexpr std::size_t most = 40;
        text += record::shortened(printable(command), most) + "   ";
    }
    if (!result.runs.empty())
        text += "pass " + std::to_string(region.run) + ", ";
    text += "pid " + std::to_string(region.region->pid);
    if (!is_own_report)
        return text + '\n';
    if (result.no_pmu)
        return text + "   NO HARDWARE COUNTERS: " + printable(result.no_pmu.evidence) + '\n';
    if (has_counts(region))
        text += ", " + printable(result.run.mode);
    if (is_model(result))
        text += ", ~ modelled by valgrind, whose the time is: " + printable(result.run.model);
    return text + '\n';
}

} // namespace

std::string region_text(const Result& result) {
    // pmcstat's has samples of its own, and a report on them.
    const bool is_own_report = std::ranges::all_of(
        result.samples, [](const Sample& sample) { return sample.scope == "region" || sample.scope == "region_self"; });
    std::string text;
    Missing missing;
    for (const Pairs& process : processes_of(result))
        text +=
            title(result, *process.front().all, is_own_report) + ProcessText(process, missing, is_model(result)).text();
    text += missing.text(result.no_pmu, !is_own_report);
    for (const std::string& note : result.notes)
        text += "  note: " + printable(note) + '\n';
    return text;
}

} // namespace pmc
