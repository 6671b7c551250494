#include "record/result_json.hpp"

#include <pmc/result.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pmc {
namespace {

using record::Json;

/// A place in the document, so that an error can name it: "samples[0].events[2].raw".
class Place {
public:
    Place(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {}

    [[noreturn]] void fail(const std::string& expected) const {
        throw Error(ErrorKind::format, Stage::document,
                    "not a pmcstat result: " + (path_.empty() ? "the document" : path_) + ": expected " + expected,
                    "give a file that pmcstat --format json wrote");
    }

    [[nodiscard]] bool has(const char* key) const { return json_->is_object() && json_->contains(key); }
    [[nodiscard]] bool is_null() const { return json_->is_null(); }

    [[nodiscard]] Place at(const char* key) const {
        if (!json_->is_object())
            fail("an object");
        const auto found = json_->find(key);
        if (found == json_->end())
            fail(std::string("the key \"") + key + '"');
        return {*found, path_.empty() ? key : path_ + '.' + key};
    }

    [[nodiscard]] std::vector<Place> elements() const {
        if (!json_->is_array())
            fail("an array");
        std::vector<Place> places;
        for (std::size_t i = 0; i < json_->size(); ++i)
            places.emplace_back((*json_)[i], path_ + '[' + std::to_string(i) + ']');
        return places;
    }

    [[nodiscard]] std::string text() const {
        if (!json_->is_string())
            fail("a string");
        return json_->get<std::string>();
    }
    [[nodiscard]] std::string text(const char* key, const char* fallback = "") const {
        return has(key) ? at(key).text() : fallback;
    }

    [[nodiscard]] double number() const {
        if (!json_->is_number())
            fail("a number");
        return json_->get<double>();
    }
    [[nodiscard]] double number(const char* key, double fallback) const {
        return has(key) ? at(key).number() : fallback;
    }

    [[nodiscard]] std::uint64_t count() const {
        if (!json_->is_number_unsigned())
            fail("a whole number that is not negative");
        return json_->get<std::uint64_t>();
    }

    [[nodiscard]] std::uint64_t count(const char* key, std::uint64_t fallback) const {
        return has(key) ? at(key).count() : fallback;
    }

    [[nodiscard]] int integer() const {
        if (!json_->is_number_integer())
            fail("a whole number");
        // A number above int64's range is stored unsigned, and would come out negative.
        if (json_->is_number_unsigned() && json_->get<std::uint64_t>() > std::numeric_limits<int>::max())
            fail("a number that fits 32 bits");
        const auto value = json_->get<std::int64_t>();
        if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
            fail("a number that fits 32 bits");
        return static_cast<int>(value);
    }
    [[nodiscard]] int integer(const char* key, int fallback) const { return has(key) ? at(key).integer() : fallback; }

    [[nodiscard]] bool flag(const char* key) const {
        if (!has(key))
            return false;
        if (!json_->at(key).is_boolean())
            at(key).fail("true or false");
        return json_->at(key).get<bool>();
    }

    [[nodiscard]] std::vector<std::string> texts(const char* key) const {
        std::vector<std::string> list;
        if (has(key))
            for (const Place& one : at(key).elements())
                list.push_back(one.text());
        return list;
    }

private:
    const Json* json_;
    std::string path_;
};

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
    sample.run = place.integer("run", 0);
    if (sample.run < 0)
        place.at("run").fail("a number that is not negative");
    sample.scope = place.text("scope", "process");
    sample.id = place.text("id");
    sample.name = place.text("name");
    sample.cgroup = place.text("cgroup");
    const int cpus = place.integer("cpus", 0);
    if (cpus < 0)
        place.at("cpus").fail("a number that is not negative");
    sample.cpus = static_cast<unsigned>(cpus);
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
    if (run.has("max_rss_bytes"))
        usage.max_rss_bytes = static_cast<std::int64_t>(run.at("max_rss_bytes").count());
}

Result read_result(const Place& place) {
    Result result;
    const Place schema = place.at("schema");
    if (schema.text() != record::schema)
        schema.fail('"' + std::string(record::schema) + '"');
    result.tool = place.text("tool");
    if (place.has("host")) {
        const Place host = place.at("host");
        result.host = {host.text("kernel"),         host.text("arch"),
                       host.text("hypervisor"),     static_cast<unsigned>(host.integer("cpus", 0)),
                       host.integer("paranoid", 2), {}};
        if (host.has("smt"))
            result.host.smt = host.flag("smt");
    }
    const Place cpu = place.at("cpu");
    result.cpu = {cpu.text("name"), cpu.text("id"), cpu.text("table"), cpu.texts("pmus")};
    if (place.has("run")) {
        const Place run = place.at("run");
        read_usage(run, result.run);
        result.run.argv = run.texts("argv");
        result.run.target = run.text("target");
        result.run.mode = run.text("mode", "user+kernel");
        result.run.inherit = !run.has("inherit") || run.flag("inherit");
        result.run.backend = run.text("backend", "hardware");
    }
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
