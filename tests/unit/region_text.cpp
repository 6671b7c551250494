#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>

using namespace pmc;

namespace {

EventCount event(const std::string& name, std::uint64_t raw, double coverage = 1.0) {
    constexpr std::uint64_t enabled = 1'000'000;
    const auto running = static_cast<std::uint64_t>(static_cast<double>(enabled) * coverage);
    return {name, "armv8_pmuv3/event=0x8/", Count(raw, enabled, running), 1.0, "", 0, true, {}};
}

MetricValue ipc(double value) {
    MetricValue metric;
    metric.id = metric.metric = metric.label = "ipc";
    metric.unit = "insn/cycle";
    metric.number = value;
    metric.state = State::counted;
    metric.coverage = 1;
    metric.operands = {{"instructions", "instructions", 1e9, ""}, {"cycles", "cycles", 6.25e8, ""}};
    return metric;
}

MetricValue missing_llc() {
    MetricValue metric;
    metric.id = "llc.mpki";
    metric.metric = "llc";
    metric.label = "llc miss";
    metric.unit = "misses/kinsn";
    metric.reason = {Cause::not_on_this_cpu, 2, "this CPU has no such event", "see pmcstat list llc"};
    return metric;
}

Sample region(const std::string& name, std::uint64_t calls, double time_s, const std::string& scope = "region") {
    Sample sample;
    sample.scope = scope;
    sample.id = name;
    sample.end_s = time_s;
    sample.region = RegionUse{};
    sample.region->pid = 4121;
    sample.region->calls = calls;
    sample.region->threads = 1;
    sample.region->time_s = time_s;
    return sample;
}

Result app(std::vector<Sample> samples) {
    Result result;
    result.run.argv = {"./app", "--fast"};
    result.run.pid = 4121;
    result.run.mode = "user";
    result.samples = std::move(samples);
    return result;
}

/// The one line that has this text; empty if there is none, or more than one.
std::string line_with(const std::string& text, const std::string& part) {
    std::istringstream lines(text);
    std::string found;
    for (std::string line; std::getline(lines, line);) {
        if (line.find(part) == std::string::npos)
            continue;
        if (!found.empty())
            return {};
        found = line;
    }
    return found;
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

} // namespace

TEST_SUITE("region_text") {
    TEST_CASE("a region has its calls, its time, and each number in all and per call") {
        Sample parse = region("parse", 200'000, 1.2344);
        parse.region->threads = 4;
        parse.metrics = {ipc(1.6)};
        parse.events = {event("instructions", 1'000'000'000)};
        CHECK(region_text(app({parse})) ==
              "regions: ./app --fast   pid 4121, user\n"
              "                        total   per call\n"
              "  parse   200,000 calls, 4 threads\n"
              "    time              1.234 s   6.172 us\n"
              "    ipc                  1.60              1.000 G instructions / 625.0 M cycles\n"
              "    instructions      1.000 G       5000\n");
    }

    TEST_CASE("where regions nest, what is a region's own stands beside it") {
        Sample outer = region("outer", 10, 2);
        Sample inner = region("inner", 40, 0.5);
        Sample outer_self = region("outer", 10, 1.5, "region_self");
        Sample inner_self = region("inner", 40, 0.5, "region_self");
        outer.events = {event("instructions", 1'000'000)};
        outer_self.events = {event("instructions", 640'000)};
        inner.events = inner_self.events = {event("instructions", 360'000)};
        const std::string text = region_text(app({outer, outer_self, inner, inner_self}));
        CHECK(text == "regions: ./app --fast   pid 4121, user\n"
                      "                        total   per call       self   per call\n"
                      "  outer   10 calls\n"
                      "    time              2.000 s   200.0 ms    1.500 s   150.0 ms\n"
                      "    instructions      1.000 M    100.0 k    640.0 k      64000\n"
                      "  inner   40 calls\n"
                      "    time             500.0 ms   12.50 ms   500.0 ms   12.50 ms\n"
                      "    instructions      360.0 k       9000    360.0 k       9000\n");
    }

    TEST_CASE("where none nests, the second half would say it twice, and is not there") {
        const std::string text = region_text(app({region("leaf", 1, 1), region("leaf", 1, 1, "region_self")}));
        CHECK(text.find("self") == std::string::npos);
        CHECK(text.find("1 call\n") != std::string::npos);
    }

    TEST_CASE("what has no value anywhere is said once, with its reason and what to do") {
        Sample one = region("one", 1, 1);
        Sample two = region("two", 1, 1);
        one.metrics = two.metrics = {ipc(1), missing_llc()};
        const std::string text = region_text(app({one, two}));
        CHECK(times(text, "llc miss") == 1);
        CHECK(line_with(text, "llc miss") == "  llc miss not available: this CPU has no such event");
        CHECK(line_with(text, "hint:") == "  hint: see pmcstat list llc");
    }

    TEST_CASE("what has a value in some regions only says in the others that it has none") {
        Sample one = region("one", 1, 1);
        Sample two = region("two", 1, 1);
        one.events = {event("instructions", 70'000)};
        two.events = {event("instructions", 0)};
        two.events[0].count = Count(0, 10, 0, State::not_counted);
        two.events[0].reason = {Cause::never_scheduled, 0, "never on the PMU", "ask for less"};
        const std::string text = region_text(app({one, two}));
        CHECK(text.find("    instructions    not counted") != std::string::npos);
        CHECK(line_with(text, "never on the PMU") == "  instructions not counted: never on the PMU");
        CHECK(text.find("    instructions          70000") != std::string::npos);
    }

    TEST_CASE("a count that stands for a part of the time says which") {
        Sample one = region("one", 1, 1);
        one.metrics = {ipc(1)};
        one.metrics[0].coverage = 0.583;
        one.events = {event("instructions", 100, 0.5)};
        const std::string text = region_text(app({one}));
        CHECK(line_with(text, "ipc").ends_with("counted 58.3 %: 1.000 G instructions / 625.0 M cycles"));
        CHECK(line_with(text, "    instructions").ends_with("200        200   counted 50.0 %"));
    }

    TEST_CASE("calls of which only the time is known are told, with the reason, and are in no mean") {
        Sample one = region("one", 10, 1);
        one.region->uncounted = 5;
        one.region->openings = 1;
        one.region->dropped = 2;
        one.region->reason = {Cause::too_many_files, 24, "too many open files", "raise ulimit -n"};
        one.events = {event("instructions", 100)};
        const std::string text = region_text(app({one}));
        CHECK(text.find("  one   10 calls, 1 opened the counters, 5 not counted, 2 dropped\n") != std::string::npos);
        CHECK(line_with(text, "too many open files") == "  some calls not counted: too many open files");
        CHECK(line_with(text, "    instructions").ends_with("100       20.0"));
        CHECK(line_with(text, "time").ends_with("1.000 s   100.0 ms"));
    }

    TEST_CASE("a region whose scopes were all dropped has no numbers") {
        Sample one = region("one", 0, 0);
        one.region->dropped = 3;
        one.events = {event("instructions", 0)};
        const std::string text = region_text(app({one}));
        CHECK(text.find("  one   0 calls, 3 dropped\n") != std::string::npos);
        CHECK(text.find("instructions") == std::string::npos);
    }

    TEST_CASE("without hardware counters the machine's reason stands above, and its remedy below") {
        Sample one = region("one", 1, 1);
        one.metrics = {ipc(0)};
        one.metrics[0].state = State::not_available;
        one.metrics[0].reason = {Cause::no_virtual_pmu, 2, "a guest without a virtual PMU", "enable it on the host"};
        Result result = app({one});
        result.no_pmu = one.metrics[0].reason;
        const std::string text = region_text(result);
        CHECK(text.starts_with(
            "regions: ./app --fast   pid 4121   NO HARDWARE COUNTERS: a guest without a virtual PMU\n"));
        CHECK(line_with(text, "ipc") == "  ipc not available: needs hardware counters");
        CHECK(line_with(text, "hint") == "  hint: enable it on the host");
        // Below pmcstat's own report both have been said.
        result.samples.insert(result.samples.begin(), Sample{});
        const std::string part = region_text(result);
        CHECK(part.starts_with("regions: pid 4121\n"));
        CHECK(part.find("hint") == std::string::npos);
    }

    TEST_CASE("each process has its own table, and what is missing is said once for all") {
        Sample one = region("work", 1, 1);
        Sample two = region("work", 2, 1);
        two.region->pid = 4122;
        one.metrics = two.metrics = {missing_llc()};
        const std::string text = region_text(app({one, two}));
        CHECK(text.find("pid 4121, user\n") != std::string::npos);
        CHECK(text.find("pid 4122, user\n") != std::string::npos);
        CHECK(times(text, "llc miss") == 1);
    }

    TEST_CASE("a name may be anything: no control character reaches the terminal, no line is broken") {
        Sample one = region("evil\x1b[31m\nname", 1, 1);
        Sample two = region(std::string(500, 'x'), 1, 1);
        Sample three = region("", 1, 1);
        Result result = app({one, two, three});
        result.notes = {"PMC_EVENTS: unknown event '\x1b'"};
        const std::string text = region_text(result);
        CHECK(text.find("  evil?[31m?name   1 call\n") != std::string::npos);
        CHECK(text.find("  ''   1 call\n") != std::string::npos);
        CHECK(std::ranges::none_of(text, [](char c) { return c != '\n' && (c < ' ' || c > '~'); }));
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            CHECK(line.size() <= 100);
    }

    TEST_CASE("a name in UTF-8 is cut between characters") {
        std::string name;
        for (int i = 0; i < 100; ++i)
            name += "\xc3\xa4";
        const std::string text = region_text(app({region(name, 1, 1)}));
        CHECK(times(text, "\xc3\xa4") == 57);
        CHECK(text.find("\xc3\xa4...   1 call") != std::string::npos);
    }

    TEST_CASE("notes stand at the end, also where there are no regions; without both there is no text") {
        Result result = app({});
        CHECK(region_text(result).empty());
        result.notes = {"PMC_EVENTS: unknown event 'cylces'"};
        CHECK(region_text(result) == "  note: PMC_EVENTS: unknown event 'cylces'\n");
    }
}
