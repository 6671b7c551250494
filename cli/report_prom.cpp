#include "report_prom.hpp"

#include "prom_name.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::Result;
using pmc::Sample;

constexpr std::array own_labels = {"category", "cgroup", "core",   "cpu",    "cpus",  "die",    "direction",  "domain",
                                   "event",    "le",     "metric", "mode",   "model", "node",   "hypervisor", "pmu",
                                   "quantile", "run",    "scope",  "socket", "uarch", "vendor", "version"};

bool is_label_name(std::string_view name) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && (name.front() < '0' || name.front() > '9') && std::ranges::all_of(name, is_word) &&
           !name.starts_with("__");
}

std::string joined(const std::string& labels, const std::string& more) {
    if (labels.empty() || more.empty())
        return labels + more;
    return fmt::format("{},{}", labels, more);
}

/// "S0-D0-C3" in its parts; false if it is not of that form.
bool add_places(std::string& labels, std::string_view id) {
    struct Place {
        char letter;
        std::string_view name;
    };
    constexpr std::array places = {Place{'S', "socket"}, Place{'D', "die"}, Place{'C', "core"}, Place{'N', "node"}};
    std::string all;
    while (!id.empty()) {
        const auto place = std::ranges::find(places, id.front(), &Place::letter);
        const std::size_t end = std::min(id.find('-'), id.size());
        const std::string_view number = id.substr(1, end - 1);
        if (place == places.end() || number.empty() || number.find_first_not_of("0123456789") != std::string_view::npos)
            return false;
        all = joined(all, prom_label(place->name, number));
        id.remove_prefix(std::min(end + 1, id.size()));
    }
    labels = joined(labels, all);
    return true;
}

/// Whether a list ("0-3,8") has all of so many CPUs.
bool is_all(std::string_view list, unsigned cpus) {
    return cpus != 0 && list == (cpus == 1 ? std::string("0") : fmt::format("0-{}", cpus - 1));
}

/// Where something was counted. Host, process and cgroup are never added up, so a cgroup's counters have names of their
/// own. A pid, a thread or a command line would make series without end: those rows are one.
struct Place {
    bool is_cgroup = false;
    std::string labels{};

    bool operator<(const Place& other) const {
        return std::tie(is_cgroup, labels) < std::tie(other.is_cgroup, other.labels);
    }
};

Place place_of(const Sample& sample, const Result& result) {
    Place place;
    const std::string& cgroup = sample.scope == "cgroup" ? sample.id : sample.cgroup;
    place.is_cgroup = !cgroup.empty();
    if (place.is_cgroup)
        place.labels = prom_label("cgroup", cgroup);
    else if (sample.scope == "process" || sample.scope == "thread")
        place.labels = prom_label("scope", "process");
    else
        place.labels = prom_label("scope", "host");
    if (sample.scope == "cpu" || ((sample.scope == "core" || sample.scope == "socket" || sample.scope == "node") &&
                                  !add_places(place.labels, sample.id)))
        place.labels = joined(place.labels, prom_label(sample.scope, sample.id));
    if (sample.scope == "system" && !is_all(sample.id, result.host.cpus))
        place.labels = joined(place.labels, prom_label("cpus", sample.id));
    if (!result.runs.empty()) // passes count different events, each in a run of its own
        place.labels = joined(place.labels, prom_label("run", fmt::format("{}", sample.run)));
    return place;
}

/// What identifies an event in a document.
using EventKey = std::pair<std::string_view, std::string_view>; ///< name, core

struct Total {
    const EventCount* event = nullptr;
    bool is_counted = false, is_opened = false;
    std::uint64_t raw = 0, enabled_ns = 0, running_ns = 0;
};

/// The count of the event's first group that counted: raw counts of several groups are not of one time, and the best of
/// them is now this and now that.
pmc::Count steady_count(const EventCount& event) {
    int group = event.group;
    pmc::Count count = event.count;
    for (const pmc::GroupedCount& other : event.others) {
        if (!other.count.has_value() || (count.has_value() && other.group > group))
            continue;
        group = other.group;
        count = other.count;
    }
    return count;
}

void add(Total& total, const EventCount& event) {
    const pmc::Count count = steady_count(event);
    total.event = &event;
    total.is_opened = total.is_opened || count.state() != pmc::State::not_available;
    total.is_counted = total.is_counted || count.has_value();
    total.raw += count.raw();
    total.enabled_ns += count.enabled_ns();
    total.running_ns += count.running_ns();
}

struct Row {
    Place place;
    std::vector<Total> totals{};
};

/// The samples by place, in the order of the document.
std::vector<Row> rows_of(const Result& result) {
    const bool has_summary = std::ranges::any_of(result.samples, &Sample::summary);
    std::vector<Row> rows;
    std::map<Place, std::pair<std::size_t, std::map<EventKey, std::size_t>>> index;
    for (const Sample& sample : result.samples) {
        if (sample.region || sample.summary != has_summary)
            continue;
        const Place place = place_of(sample, result);
        auto& [row, events] = index.try_emplace(place, rows.size(), std::map<EventKey, std::size_t>()).first->second;
        if (row == rows.size())
            rows.push_back({place});
        std::vector<Total>& totals = rows[row].totals;
        for (const EventCount& event : sample.events) {
            const std::size_t at = events.try_emplace({event.name, event.core}, totals.size()).first->second;
            if (at == totals.size())
                totals.emplace_back();
            add(totals[at], event);
        }
    }
    return rows;
}

std::string event_labels(const EventCount& event) {
    const std::string label = prom_label("event", event.name);
    return event.core.empty() ? label : joined(label, prom_label("pmu", event.core));
}

/// The counters of a document's events, with a label `event` where several come to one name.
class Counters {
public:
    Counters(const std::vector<Row>& rows, std::string_view run_mode) {
        std::map<std::string, std::set<std::string>> events; // of a metric's name
        std::set<std::pair<std::string, std::string>> series;
        for (const Row& row : rows) {
            for (const Total& total : row.totals) {
                const EventCount& event = *total.event;
                const auto [place, is_new] = counters_.try_emplace(EventKey{event.name, event.core});
                if (!is_new)
                    continue;
                PromCounter& counter = place->second;
                counter = prom_counter(event, run_mode);
                if (!event.core.empty())
                    counter.labels = joined(counter.labels, prom_label("pmu", event.core));
                events[counter.name].insert(is_placed(counter) ? std::string() : bare(event, counter));
                if (events[counter.name].size() > 1 || !series.insert({counter.name, counter.labels}).second)
                    ambiguous_.insert(counter.name);
            }
        }
        for (auto& [key, counter] : counters_)
            if (ambiguous_.contains(counter.name))
                counter.labels = joined(prom_label("event", key.first), counter.labels);
    }

    [[nodiscard]] const PromCounter& at(const EventCount& event) const {
        return counters_.at(EventKey{event.name, event.core});
    }

private:
    /// Events whose names differ are one metric's, and a label says which part.
    static bool is_placed(const PromCounter& counter) {
        constexpr std::array metrics = {"energy_joules", "memory_bytes", "slots", "slots_within"};
        return std::ranges::find(metrics, counter.name) != metrics.end();
    }
    /// The name by which events of several modes or core types are the same.
    static std::string bare(const EventCount& event, const PromCounter& counter) {
        return !event.core.empty() && counter.event.starts_with(event.core + '/')
                   ? counter.event.substr(event.core.size() + 1, counter.event.size() - event.core.size() - 2)
                   : counter.event;
    }

    std::map<EventKey, PromCounter> counters_;
    std::set<std::string> ambiguous_;
};

/// Metrics with their series, each metric's together, as the format wants it.
class Exposition {
public:
    explicit Exposition(const PromForm& form) : most_(std::max(form.max_series, own_series)) {
        for (const PromLabel& label : form.labels)
            labels_ = joined(labels_, prom_label(label.name, label.value));
    }

    struct Series {
        std::string name, type, help, labels, value;
    };

    /// All of them, or none: a place's counts are of no use without their times.
    void add(const std::vector<Series>& all) {
        is_full_ = is_full_ || count_ + all.size() > most_ - own_series;
        if (is_full_) {
            dropped_ += all.size();
            return;
        }
        count_ += all.size();
        for (const Series& series : all)
            put(series);
    }

    /// About this output itself; there is always room for them.
    void add_own(const Series& series) { put(series); }

    [[nodiscard]] std::size_t dropped() const noexcept { return dropped_; }

    [[nodiscard]] std::string text() const {
        std::string text;
        for (const std::string& name : order_)
            text += families_.at(name);
        return text;
    }

    static constexpr std::size_t own_series = 3; ///< pmc_info, pmc_up, pmc_series_dropped_total

private:
    void put(const Series& series) {
        const auto [place, is_new] = families_.try_emplace(series.name);
        std::string& text = place->second;
        if (is_new) {
            order_.push_back(series.name);
            text = fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", series.name, prom_help(series.help), series.type);
        }
        const std::string labels = joined(labels_, series.labels);
        text += labels.empty() ? fmt::format("{} {}\n", series.name, series.value)
                               : fmt::format("{}{{{}}} {}\n", series.name, labels, series.value);
    }

    std::string labels_;
    std::size_t most_;
    std::size_t count_ = 0, dropped_ = 0;
    bool is_full_ = false;
    std::vector<std::string> order_;
    std::map<std::string, std::string> families_;
};

constexpr double seconds = 1e-9; ///< a nanosecond

/// A name of pmcstat's own is not an event's.
std::string counter_name(const PromCounter& counter, bool is_cgroup) {
    const std::string name = fmt::format("pmc_{}{}", is_cgroup ? "cgroup_" : "", counter.name);
    const bool is_own = name.ends_with("event_enabled_seconds") || name.ends_with("event_running_seconds") ||
                        name == "pmc_series_dropped";
    return name + (is_own ? "_count_total" : "_total");
}

void add_row(Exposition& exposition, const Row& row, const Counters& counters) {
    const char* const prefix = row.place.is_cgroup ? "pmc_cgroup" : "pmc";
    std::vector<Exposition::Series> series;
    for (const Total& total : row.totals) {
        if (!total.is_opened)
            continue;
        const PromCounter& counter = counters.at(*total.event);
        if (total.is_counted)
            series.push_back({counter_name(counter, row.place.is_cgroup), "counter", counter.help,
                              joined(row.place.labels, counter.labels), prom_value(total.raw, counter.factor)});
        const std::string labels = joined(row.place.labels, event_labels(*total.event));
        series.push_back({fmt::format("{}_event_enabled_seconds_total", prefix), "counter",
                          "How long the event's counters were enabled.", labels,
                          prom_value(total.enabled_ns, seconds)});
        series.push_back({fmt::format("{}_event_running_seconds_total", prefix), "counter",
                          "How long they were counting: a count times enabled by running is an estimate of all.",
                          labels, prom_value(total.running_ns, seconds)});
    }
    exposition.add(series);
}

void add_supported(Exposition& exposition, const Result& result, const std::vector<Row>& rows) {
    std::vector<std::pair<std::string, bool>> events; // by labels
    std::vector<std::pair<std::string, bool>> metrics;
    const auto note = [](std::vector<std::pair<std::string, bool>>& all, const std::string& labels, bool supported) {
        const auto known = std::ranges::find(all, labels, &std::pair<std::string, bool>::first);
        if (known == all.end())
            all.emplace_back(labels, supported);
        else
            known->second = known->second || supported;
    };
    for (const Row& row : rows)
        for (const Total& total : row.totals)
            note(events, event_labels(*total.event), total.is_opened);
    for (const Sample& sample : result.samples) {
        if (sample.region)
            continue;
        for (const pmc::MetricValue& metric : sample.metrics)
            note(metrics, prom_label("metric", metric.metric),
                 metric.state != pmc::State::not_available || metric.reason.cause == pmc::Cause::division_by_zero);
    }
    for (const auto& [labels, supported] : events)
        exposition.add({{"pmc_event_supported", "gauge", "Whether the event can be counted here.", labels,
                         supported ? "1" : "0"}});
    for (const auto& [labels, supported] : metrics)
        exposition.add({{"pmc_metric_supported", "gauge", "Whether the metric's events can be counted here.", labels,
                         supported ? "1" : "0"}});
}

std::string info_labels(const Result& result) {
    const std::string_view id = result.cpu.id;
    const bool is_arm = id.starts_with("midr-");
    const std::string_view vendor = is_arm ? id.substr(5, 2) : id.substr(0, id.find('-'));
    std::vector<std::string> pmus = result.cpu.pmus; // of the cores
    std::erase_if(pmus, [](const std::string& pmu) { return !pmu.starts_with("cpu") && !pmu.starts_with("armv"); });
    std::string labels = prom_label("uarch", result.cpu.table);
    labels = joined(labels, prom_label("vendor", is_arm ? fmt::format("0x{}", vendor) : std::string(vendor)));
    labels = joined(labels, prom_label("model", result.cpu.name));
    labels = joined(labels, prom_label("pmu", fmt::format("{}", fmt::join(pmus, ","))));
    labels = joined(labels, prom_label("hypervisor", result.host.hypervisor));
    return joined(labels, prom_label("version", result.tool));
}

} // namespace

pmc::Expected<std::vector<PromLabel>> prom_labels(const std::vector<std::string>& texts) {
    const auto error = [](const std::string& text, const char* what, const char* hint) {
        return pmc::Error(pmc::ErrorKind::syntax, pmc::Stage::parse, fmt::format("--label {}: {}", text, what), hint);
    };
    std::vector<PromLabel> labels;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos)
            return error(text, "no '=' in it", "give it as KEY=VALUE");
        const PromLabel label{text.substr(0, equals), text.substr(equals + 1)};
        if (!is_label_name(label.name))
            return error(text, "a label's name is letters, digits and _, and begins with a letter or one _",
                         "give it as KEY=VALUE");
        if (std::ranges::find(own_labels, label.name) != own_labels.end())
            return error(text, "pmcstat has a label of that name itself", "choose another name");
        if (std::ranges::find(labels, label.name, &PromLabel::name) != labels.end())
            return error(text, "this label was given before", "give each label once");
        labels.push_back(label);
    }
    return labels;
}

std::string prom_text(const Result& totals, const PromForm& form) {
    const std::vector<Row> rows = rows_of(totals);
    const Counters counters(rows, totals.run.mode);
    Exposition exposition(form);
    const bool is_up =
        std::ranges::any_of(rows, [](const Row& row) { return std::ranges::any_of(row.totals, &Total::is_counted); });
    exposition.add_own({"pmc_info", "gauge", "What counts here.", info_labels(totals), "1"});
    exposition.add_own({"pmc_up", "gauge", "Whether anything was counted.", {}, is_up ? "1" : "0"});
    add_supported(exposition, totals, rows);
    for (const Row& row : rows)
        add_row(exposition, row, counters);
    exposition.add_own({"pmc_series_dropped_total",
                        "counter",
                        "Series left out because they were too many.",
                        {},
                        fmt::format("{}", exposition.dropped())});
    return exposition.text();
}

} // namespace cli
