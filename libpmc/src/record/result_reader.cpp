#include "record/place.hpp"
#include "record/verdict_json.hpp"

#include <pmc/result.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace pmc {
namespace {

using record::Json;
using record::Place;

constexpr std::array states = {State::counted, State::not_counted, State::not_available};

State read_state(const Place& place) {
    if (!place.has("state"))
        return State::counted;
    const std::string text = place.at("state").text();
    for (const State state : states)
        if (text == to_string(state))
            return state;
    place.at("state").fail("\"not counted\" or \"not available\"");
}

Reason read_reason(const Place& place) {
    Reason reason;
    if (!place.has("cause") && !place.has("reason"))
        return reason;
    const std::string cause = place.text("cause");
    reason.cause = Cause::rejected; // Written by hand, or by a newer version: the texts still stand.
    for (int i = 0; i <= static_cast<int>(Cause::rejected); ++i)
        if (cause == to_string(static_cast<Cause>(i)))
            reason.cause = static_cast<Cause>(i);
    reason.error = place.integer("errno", 0);
    reason.evidence = place.text("reason");
    reason.remedy = place.text("remedy");
    return reason;
}

/// What a document written by hand need not say: the whole sample long.
std::uint64_t nanoseconds(double seconds) noexcept {
    constexpr double most = 9.2e18;
    return static_cast<std::uint64_t>(std::llround(std::min(seconds * 1e9, most)));
}

/// The times of a count; those that are left out say that it was counted all the time.
Count read_count(const Place& place, State state, std::uint64_t sample_ns) {
    const bool counted = state == State::counted;
    const bool timed = place.has("enabled_ns") || place.has("running_ns");
    const std::uint64_t enabled = timed ? place.at("enabled_ns").count() : sample_ns;
    const std::uint64_t running = timed ? place.at("running_ns").count() : counted ? sample_ns : 0;
    if (running > enabled)
        place.at("running_ns").fail("a time that is not above enabled_ns");
    if (counted && running == 0 && enabled > 0)
        place.at("running_ns").fail("a time above 0 of what was counted");
    return {counted ? place.at("raw").count() : 0, enabled, running, state};
}

EventCount read_event(const Place& place, std::uint64_t sample_ns) {
    EventCount event;
    event.name = place.at("name").text();
    event.core = place.text("core");
    event.encoding = place.text("encoding");
    event.source = place.text("source", "measured");
    event.scale = place.number("scale", 1.0);
    if (!(event.scale > 0) || event.scale > 1e30)
        place.at("scale").fail("a number above 0, and at most 1e30");
    event.unit = place.text("unit");
    event.group = place.integer("group", -1);
    event.asked = place.flag("asked");
    event.reason = read_reason(place);
    const State state = read_state(place);
    if (state == State::not_available) {
        event.count = Count(0, 0, 0, state);
        return event;
    }
    event.count = read_count(place, state, sample_ns);
    if (place.has("others"))
        for (const Place& other : place.at("others").elements())
            event.others.push_back(
                {other.at("group").integer(), read_count(other, read_state(other), sample_ns), read_reason(other)});
    return event;
}

std::vector<Operand> read_operands(const Place& place, const char* key) {
    std::vector<Operand> operands;
    if (!place.has(key))
        return operands;
    for (const Place& one : place.at(key).elements())
        operands.push_back({one.at("role").text(), one.text("title"), one.at("value").number(), one.text("unit")});
    return operands;
}

MetricValue read_metric(const Place& place) {
    MetricValue metric;
    metric.id = place.at("id").text();
    metric.metric = place.text("metric", metric.id.c_str());
    metric.label = place.text("label", metric.id.c_str());
    metric.core = place.text("core");
    metric.unit = place.text("unit");
    metric.state = read_state(place);
    if (metric.state == State::counted)
        metric.number = place.at("value").number();
    metric.reason = read_reason(place);
    metric.coverage = place.number("coverage", metric.has_value() ? 1.0 : 0.0);
    metric.quality = place.text("quality", "exact");
    metric.scope = place.text("scope", "task");
    metric.source = place.text("source", "measured");
    metric.note = place.text("note");
    metric.operands = read_operands(place, "operands");
    metric.also = read_operands(place, "also");
    metric.group = place.integer("group", -1);
    metric.formula = place.text("formula");
    metric.better = place.text("better");
    if (!metric.better.empty() && metric.better != "higher" && metric.better != "lower")
        place.at("better").fail("\"higher\" or \"lower\"");
    metric.asked = !place.has("asked") || place.flag("asked");
    return metric;
}

RegionUse read_region(const Place& place) {
    RegionUse use;
    use.pid = place.integer("pid", 0);
    use.calls = place.at("calls").count();
    use.threads = place.count("threads", use.calls == 0 ? 0 : 1);
    use.openings = place.count("openings", 0);
    use.uncounted = place.count("uncounted", 0);
    use.dropped = place.count("dropped", 0);
    use.time_s = place.at("time_s").number();
    use.reason = read_reason(place);
    if (use.time_s < 0)
        place.at("time_s").fail("a time that is not negative");
    if (use.uncounted > use.calls)
        place.at("uncounted").fail("no more than the calls");
    return use;
}

Sample read_sample(const Place& place) {
    Sample sample;
    sample.run = static_cast<int>(place.number_of("run"));
    sample.scope = place.text("scope", "process");
    sample.id = place.text("id");
    sample.name = place.text("name");
    sample.cgroup = place.text("cgroup");
    sample.cpus = place.number_of("cpus");
    sample.summary = place.flag("summary");
    sample.start_s = place.number("start_s", 0);
    sample.end_s = place.at("end_s").number();
    if (sample.end_s < sample.start_s)
        place.at("end_s").fail("a time that is not before start_s");
    sample.paused_s = place.number("paused_s", 0);
    if (sample.paused_s < 0 || sample.paused_s > sample.end_s - sample.start_s)
        place.at("paused_s").fail("a part of the sample's time");
    if (place.has("region"))
        sample.region = read_region(place.at("region"));
    const std::uint64_t sample_ns = nanoseconds(sample.end_s - sample.start_s);
    for (const Place& event : place.at("events").elements())
        sample.events.push_back(read_event(event, sample_ns));
    if (place.has("metrics"))
        for (const Place& metric : place.at("metrics").elements())
            sample.metrics.push_back(read_metric(metric));
    return sample;
}

/// What each run has of its own.
void read_usage(const Place& run, Result::Run& usage) {
    usage.pid = run.integer("pid", 0);
    usage.status = run.integer("status", 0);
    usage.elapsed_s = run.number("elapsed_s", 0);
    usage.user_s = run.number("user_s", 0);
    usage.sys_s = run.number("sys_s", 0);
    usage.max_rss_bytes = run.whole("max_rss_bytes", 0);
    usage.involuntary_switches = run.whole("involuntary_switches", 0);
    usage.migrations = run.whole("migrations", -1);
    usage.warmup = run.flag("warmup");
    usage.disturbed = run.text("disturbed");
}

Result::Host read_host(const Place& place) {
    Result::Host host;
    host.kernel = place.text("kernel");
    host.arch = place.text("arch");
    host.hypervisor = place.text("hypervisor");
    host.cpus = place.number_of("cpus");
    host.paranoid = place.integer("paranoid", 2);
    if (place.has("smt"))
        host.smt = place.flag("smt");
    host.microcode = place.text("microcode");
    host.governor = place.text("governor");
    if (place.has("boost"))
        host.boost = place.flag("boost");
    return host;
}

Result::Run read_run(const Place& place) {
    Result::Run run;
    read_usage(place, run);
    run.argv = place.texts("argv");
    run.target = place.text("target");
    run.mode = place.text("mode", "user+kernel");
    run.inherit = !place.has("inherit") || place.flag("inherit");
    run.backend = place.text("backend", "hardware");
    run.model = place.text("model");
    if (place.has("cpu"))
        run.cpu = static_cast<int>(place.number_of("cpu"));
    run.fixed_addresses = place.flag("fixed_addresses");
    run.fixed_environment = place.flag("fixed_environment");
    return run;
}

Result::Repeats read_repeats(const Place& place) {
    (void)place.at("runs"); // of an object
    return {place.number_of("runs"),   place.number_of("warmup"), place.number_of("disturbed"),
            place.number_of("failed"), place.text("ended"),       place.flag("allow_failures")};
}

/// Those who read repeated runs look up the run of each sample.
void check_runs(const Place& place, const Result& result) {
    const auto is_run = [&](int run) { return static_cast<std::size_t>(run) < result.runs.size(); };
    if (!std::ranges::all_of(result.samples, is_run, &Sample::run))
        place.at("samples").fail("none of a run that is not in runs");
    for (const Statistic& statistic : result.statistics)
        if (!std::ranges::all_of(statistic.outliers, is_run))
            place.at("statistics").fail("no outlier that is not in runs");
}

Result read_result(const Place& place) {
    Result result;
    const Place schema = place.at("schema");
    if (schema.text() != record::schema)
        schema.fail('"' + std::string(record::schema) + '"');
    result.tool = place.text("tool");
    if (place.has("host"))
        result.host = read_host(place.at("host"));
    const Place cpu = place.at("cpu");
    result.cpu = {cpu.text("name"), cpu.text("id"), cpu.text("table"), cpu.texts("pmus")};
    if (place.has("run"))
        result.run = read_run(place.at("run"));
    if (place.has("runs")) {
        for (const Place& run : place.at("runs").elements()) {
            result.runs.push_back(result.run);
            read_usage(run, result.runs.back());
        }
    }
    if (place.has("no_pmu"))
        result.no_pmu = read_reason(place.at("no_pmu"));
    result.notes = place.texts("notes");
    result.plan = place.texts("plan");
    for (const Place& sample : place.at("samples").elements())
        result.samples.push_back(read_sample(sample));
    if (result.runs.size() > result.samples.size())
        place.at("runs").fail("no more runs than samples");
    if (place.has("statistics"))
        for (const Place& statistic : place.at("statistics").elements())
            result.statistics.push_back(record::read_statistic(statistic));
    if (place.has("verdicts"))
        for (const Place& check : place.at("verdicts").elements())
            result.verdicts.push_back(record::read_check(check));
    if (place.has("repeats")) {
        result.repeats = read_repeats(place.at("repeats"));
        check_runs(place, result);
    }
    return result;
}

} // namespace

Expected<Result> Result::from_json(std::string_view text) {
    try {
        const Json json = Json::parse(text);
        return read_result(Place(json, {}));
    } catch (const Json::parse_error& error) {
        return Error(ErrorKind::format, Stage::document,
                     "not JSON: an error at byte " + std::to_string(error.byte) + " of " + std::to_string(text.size()),
                     "is the file whole? give a file that pmcstat --format json wrote");
    } catch (const Json::exception& error) {
        // A number too large for a double, say.
        return Error(ErrorKind::format, Stage::document, std::string("not a pmcstat result: ") + error.what(),
                     "give a file that pmcstat --format json wrote");
    } catch (const Error& error) {
        return error;
    }
}

} // namespace pmc
