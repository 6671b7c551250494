#include "report_csv.hpp"

#include <doctest/doctest.h>

#include <string>

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
        CHECK(cli::csv_report(result) ==
              "run,scope,id,start_s,end_s,kind,name,core,value,unit,raw,enabled_ns,running_ns,coverage,state,quality,"
              "source,reason\n"
              "0,process,42,0.000000000,1.500000000,metric,ipc,,1.25,insn/cycle,,,,0.5000,counted,exact,measured,\n"
              "0,process,42,0.000000000,1.500000000,event,cycles,,2000,,1000,20,10,0.5000,counted,,measured,\n");
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
              "0,process,\"a \"\"b\"\", c\",0.000000000,0.000000000,event,\"{cycles,x}\",,,,,0,0,,not "
              "available,,measured,"
              "\"no PMU, and no hope\"\n");
    }
}
