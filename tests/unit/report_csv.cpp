#include "report_csv.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

using namespace pmc;

TEST_SUITE("report_csv") {
    TEST_CASE("a header row, then a row for each metric and event, in full") {
        Sample sample;
        sample.id = "42";
        sample.end_s = 1.5;
        MetricValue ipc;
        ipc.id = "ipc";
        ipc.unit = "insn/cycle";
        ipc.number = 1.25;
        ipc.state = State::counted;
        ipc.coverage = 0.5;
        sample.metrics = {ipc};
        sample.events = {{"cycles", "cpu/event=0x3c/", Count(1000, 20, 10), 1.0, "", 0, true, {}}};
        Result result;
        result.samples = {sample};
        CHECK(
            cli::csv_report(result) ==
            "run,scope,id,comm,cgroup,cpus,summary,start_s,end_s,kind,name,core,value,unit,raw,enabled_ns,"
            "running_ns,coverage,state,quality,source,reason\n"
            "0,process,42,,,,false,0.000000000,1.500000000,metric,ipc,,1.25,insn/"
            "cycle,,,,0.5000,counted,exact,measured,\n"
            "0,process,42,,,,false,0.000000000,1.500000000,event,cycles,,2000,,1000,20,10,0.5000,counted,,measured,\n");
    }

    TEST_CASE("what has no value has an empty one and the reason; texts with a comma or a quote are quoted") {
        Sample sample;
        sample.id = "a \"b\", c";
        EventCount event{"{cycles,x}", "", Count(0, 0, 0, State::not_available), 1.0, "", -1, true, {}};
        event.reason = {Cause::no_pmu, 0, "no PMU, and no hope", {}};
        sample.events = {event};
        Result result;
        result.samples = {sample};
        const std::string text = cli::csv_report(result);
        CHECK(text.substr(text.find('\n') + 1) ==
              "0,process,\"a \"\"b\"\", c\",,,,false,0.000000000,0.000000000,event,\"{cycles,x}\",,,,,0,0,,not "
              "available,,measured,"
              "\"no PMU, and no hope\"\n");
    }

    TEST_CASE("rows say where they are from: the thread, the cgroup, the CPUs, the summary") {
        Sample thread;
        thread.scope = "thread";
        thread.id = "7";
        thread.name = "a,b";
        thread.events = {{"cycles", "", Count(1, 2, 2), 1.0, "", 0, true, {}}};
        Sample core;
        core.scope = "core";
        core.id = "S0-D0-C1";
        core.cgroup = "user.slice";
        core.cpus = 2;
        core.summary = true;
        core.events = thread.events;
        const std::string rest = "0.000000000,0.000000000,event,cycles,,1,,1,2,2,1.0000,counted,,measured,\n";
        CHECK(cli::csv_rows(std::vector{thread, core}) ==
              "0,thread,7,\"a,b\",,,false," + rest + "0,core,S0-D0-C1,,user.slice,2,true," + rest);
    }

    TEST_CASE("no name has what a terminal would obey, and a row is one line: a process calls itself as it likes") {
        const std::string bad = "\x1b[2J\r\n\u009b\u202e";
        const Reason reason{Cause::rejected, 0, bad, {}};
        Sample sample;
        sample.scope = sample.id = sample.name = sample.cgroup = bad;
        EventCount event{bad, "", Count(0, 0, 0, State::not_available), 1.0, bad, -1, true, {}};
        event.core = event.source = bad;
        event.reason = reason;
        sample.events = {event};
        MetricValue metric;
        metric.id = metric.core = metric.unit = metric.quality = metric.source = bad;
        metric.reason = reason;
        sample.metrics = {metric};
        const std::string text = cli::csv_rows(std::vector{sample});
        CHECK(std::ranges::count(text, '\n') == 2);
        for (const char* const control : {"\x1b", "\r", "\u009b", "\u202e"})
            CHECK(text.find(control) == std::string::npos);
        CHECK(text.starts_with("0,?[2J???????,?[2J???????,?[2J???????,?[2J???????,,false,"));
    }

    TEST_CASE("interval by interval it is the same table as at once") {
        Result result;
        result.samples.resize(2);
        result.samples[0].events = result.samples[1].events = {{"x", "", Count(1, 2, 2), 1.0, "", 0, true, {}}};
        const std::span<const Sample> all(result.samples);
        CHECK(cli::csv_header() + cli::csv_rows(all.first(1)) + cli::csv_rows(all.last(1)) == cli::csv_report(result));
    }
}
