#include <pmc/result.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <string>

using namespace pmc;

namespace {

Result full_result() {
    Result result;
    result.tool = "pmcstat 9.9.9";
    result.host = {"6.1.0", "aarch64", "KVM", 4, 2};
    result.cpu = {"Neoverse-N1", "midr-41-d0c", "neoverse-n1", {"armv8_pmuv3", "software"}};
    result.run = {{"./app", "a b"}, "", 4121, 139, "user", false, "hardware", 1.84, 1.79, 0.03, 43300000};
    result.plan = {"group 0  armv8_pmuv3  cycles, instructions"};
    Sample sample;
    sample.id = "4121";
    sample.end_s = 1.84;
    EventCount cycles{"cycles", "armv8_pmuv3/event=0x11/", Count(6112000000, 1821, 1700), 1.0, "", 0, true, {}};
    EventCount clock{"task-clock", "software/config=0x1/", Count(1821000000, 1821, 1821), 1e-9, "s", 1, false, {}};
    EventCount idle{"instructions",
                    "armv8_pmuv3/event=0x8/",
                    Count(0, 1821, 0, State::not_counted),
                    1.0,
                    "",
                    2,
                    true,
                    Reason{Cause::never_scheduled, 0, "never on the PMU", "ask for less"}};
    EventCount missing{"llc_misses",
                       "",
                       Count(0, 0, 0, State::not_available),
                       1.0,
                       "",
                       -1,
                       false,
                       Reason{Cause::not_on_this_cpu, 2, "no such event", ""}};
    sample.events = {cycles, clock, idle, missing};
    MetricValue ipc;
    ipc.id = ipc.metric = ipc.label = "ipc";
    ipc.unit = "insn/cycle";
    ipc.number = 1.61;
    ipc.state = State::counted;
    ipc.coverage = 0.93;
    ipc.quality = "approx";
    ipc.note = "what it counts";
    ipc.operands = {{"instructions", "instructions", 9.8e9, ""}, {"cycles", "cycles", 6.1e9, ""}};
    ipc.also = {{"page_faults", "page faults", 12, ""}};
    MetricValue llc;
    llc.id = "llc.mpki";
    llc.metric = "llc";
    llc.label = "llc miss";
    llc.unit = "misses/kinsn";
    llc.reason = {Cause::not_on_this_cpu, 2, "no such event", "see pmcstat list"};
    sample.metrics = {ipc, llc};
    result.samples = {sample};
    return result;
}

Result with_region() {
    Result result = full_result();
    result.notes = {"PMC_EVENTS: unknown event 'cylces'"};
    Sample sample = result.samples.front();
    sample.scope = "region";
    sample.id = "parse";
    sample.region =
        RegionUse{4121, 200'000, 4, 3, 2, 1, 1.25, {Cause::too_many_files, 24, "too many files", "raise it"}};
    result.samples.push_back(sample);
    return result;
}

} // namespace

TEST_SUITE("result") {
    TEST_CASE("what was written is read again, to the last digit") {
        const Result written = full_result();
        const std::string text = written.to_json();
        const Expected<Result> read = Result::from_json(text);
        REQUIRE(read);
        CHECK(read->to_json() == text);
        const Sample& sample = read->samples.at(0);
        CHECK(sample.events.at(0).count.raw() == 6112000000);
        CHECK(sample.events.at(0).count.coverage() == doctest::Approx(1700.0 / 1821.0));
        CHECK(sample.events.at(1).value() == doctest::Approx(1.821));
        CHECK(sample.events.at(2).count.state() == State::not_counted);
        CHECK(sample.events.at(3).reason.cause == Cause::not_on_this_cpu);
        CHECK(sample.metrics.at(0).value() == 1.61);
        CHECK(sample.metrics.at(0).core.empty());
        CHECK_THROWS_AS((void)sample.metrics.at(1).value(), Error);
    }

    TEST_CASE("the core type is written where there is one to name, and read again") {
        Result written = full_result();
        CHECK(written.to_json().find("\"core\"") == std::string::npos);
        written.samples[0].events[0].core = "cpu_core";
        written.samples[0].metrics[1].core = "cpu_atom";
        const Expected<Result> read = Result::from_json(written.to_json());
        REQUIRE(read);
        CHECK(read->to_json() == written.to_json());
        CHECK(read->samples.at(0).events.at(0).core == "cpu_core");
        CHECK(read->samples.at(0).events.at(1).core.empty());
        CHECK(read->samples.at(0).metrics.at(1).core == "cpu_atom");
    }

    TEST_CASE("the largest count survives") {
        Result result = full_result();
        result.samples[0].events[0].count = Count(std::numeric_limits<std::uint64_t>::max(), 1, 1);
        const auto read = Result::from_json(result.to_json());
        REQUIRE(read);
        CHECK(read->samples[0].events[0].count.raw() == std::numeric_limits<std::uint64_t>::max());
    }

    TEST_CASE("a count that was not taken is null, never 0, and says why") {
        const auto json = nlohmann::json::parse(full_result().to_json());
        const auto& events = json["samples"][0]["events"];
        CHECK(events[2]["raw"].is_null());
        CHECK(events[2]["state"] == "not counted");
        CHECK(events[2]["reason"] == "never on the PMU");
        CHECK(events[3]["raw"].is_null());
        CHECK(events[3]["state"] == "not available");
        CHECK(events[3]["cause"] == "not_on_this_cpu");
        const auto& llc = json["samples"][0]["metrics"][1];
        CHECK(llc["value"].is_null());
        CHECK(llc["reason"] == "no such event");
        CHECK(llc["remedy"] == "see pmcstat list");
    }

    TEST_CASE("what other groups counted, formulas and the cores' threads are read again too") {
        Result result = full_result();
        result.host.smt = true;
        result.samples[0].events[0].others = {
            {3, Count(70, 900, 800), {}},
            {4, Count(0, 900, 0, State::not_counted), Reason{Cause::never_scheduled, 0, "never on the PMU", ""}}};
        result.samples[0].metrics[0].formula = "instructions / cycles";
        result.samples[0].metrics[0].better = "higher";
        result.samples[0].metrics[0].asked = false;
        result.samples[0].metrics[0].group = 3;
        const std::string text = result.to_json();
        const Expected<Result> read = Result::from_json(text);
        REQUIRE(read);
        CHECK(read->to_json() == text);
        CHECK(read->host.smt == true);
        CHECK(read->samples[0].metrics[0].better == "higher");
        CHECK_FALSE(read->samples[0].metrics[0].asked);
        CHECK(read->samples[0].metrics[1].asked);
        CHECK(read->samples[0].events[0].others.at(0).count.raw() == 70);
        CHECK(read->samples[0].events[0].others.at(1).count.state() == State::not_counted);
    }

    TEST_CASE("a document written by hand need not say times: its events were counted all the time") {
        const auto read = Result::from_json(R"({"schema": "pmcstat/1", "cpu": {"id": "AuthenticAMD-25-11"}, "samples":
            [{"start_s": 0.5, "end_s": 2, "events": [{"name": "cycles", "raw": 1000, "group": 0},
             {"name": "instructions", "raw": null, "state": "not counted", "group": 0}]}]})");
        REQUIRE(read);
        const Sample& sample = read->samples.at(0);
        CHECK(sample.events.at(0).count.enabled_ns() == 1'500'000'000);
        CHECK(sample.events.at(0).count.coverage() == 1);
        CHECK(sample.events.at(0).value() == 1000);
        CHECK(sample.events.at(1).count.state() == State::not_counted);
    }

    TEST_CASE("an argument that is no UTF-8 still gives valid JSON") {
        Result result = full_result();
        result.run.argv = {"./app", "\xff\xfe"};
        CHECK(nlohmann::json::accept(result.to_json()));
    }

    TEST_CASE("a document that is not a result is refused, naming the place") {
        const auto message = [](std::string_view text) {
            const auto read = Result::from_json(text);
            REQUIRE_FALSE(read);
            CHECK(read.error().kind() == ErrorKind::format);
            return read.error().message();
        };
        CHECK(message("{") == "not JSON: an error at byte 2 of 1");
        CHECK(message("[]").find("the document: expected an object") != std::string::npos);
        CHECK(message(R"({"schema": "pmcstat/99"})").find("schema: expected \"pmcstat/1\"") != std::string::npos);
        CHECK(message(R"({"schema": 1e9999})").starts_with("not a pmcstat result: "));
        auto json = nlohmann::json::parse(full_result().to_json());
        json["samples"][0]["events"][0]["raw"] = -1;
        CHECK(message(json.dump()).find("samples[0].events[0].raw: expected a whole number") != std::string::npos);
        json["samples"][0]["events"][0].erase("running_ns");
        json["samples"][0]["events"][0]["raw"] = 1;
        CHECK(message(json.dump()).find("samples[0].events[0]: expected the key \"running_ns\"") != std::string::npos);
        json["samples"][0]["events"][0]["running_ns"] = 0;
        CHECK(message(json.dump()).find("samples[0].events[0].running_ns: expected a time above 0") !=
              std::string::npos);
        json["samples"][0]["end_s"] = -1;
        CHECK(message(json.dump()).find("samples[0].end_s: expected a time that is not before") != std::string::npos);
        json["samples"][0]["end_s"] = 1;
        json["samples"][0]["events"][0]["running_ns"] = 1;
        json["samples"][0]["events"][0].erase("raw");
        CHECK(message(json.dump()).find("samples[0].events[0]: expected the key \"raw\"") != std::string::npos);
    }

    TEST_CASE("regions and notes are read again too") {
        const Result written = with_region();
        const std::string text = written.to_json();
        const Expected<Result> read = Result::from_json(text);
        REQUIRE(read);
        CHECK(read->to_json() == text);
        CHECK(read->notes == written.notes);
        CHECK_FALSE(read->samples.at(0).region);
        const Sample& sample = read->samples.at(1);
        CHECK(sample.scope == "region");
        REQUIRE(sample.region);
        CHECK(sample.region->pid == 4121);
        CHECK(sample.region->calls == 200'000);
        CHECK(sample.region->threads == 4);
        CHECK(sample.region->openings == 3);
        CHECK(sample.region->uncounted == 2);
        CHECK(sample.region->dropped == 1);
        CHECK(sample.region->time_s == 1.25);
        CHECK(sample.region->reason.cause == Cause::too_many_files);
        CHECK(sample.region->reason.error == 24);
        CHECK(sample.region->reason.remedy == "raise it");
    }

    TEST_CASE("rows of scopes over time are read again too") {
        Result written = full_result();
        written.run.target = "CPUs 0-3";
        Sample& interval = written.samples[0];
        interval.scope = "core";
        interval.id = "S0-D0-C1";
        interval.cgroup = "system.slice/nginx.service";
        interval.cpus = 2;
        interval.start_s = 0.1;
        interval.end_s = 0.2;
        Sample thread = interval;
        thread.scope = "thread";
        thread.id = "4121";
        thread.name = "a \"b\"\n\xff";
        thread.cgroup.clear();
        thread.cpus = 0;
        thread.summary = true;
        written.samples.push_back(thread);
        const std::string text = written.to_json();
        const Expected<Result> read = Result::from_json(text);
        REQUIRE(read);
        CHECK(read->to_json() == text);
        CHECK(read->run.target == "CPUs 0-3");
        const Sample& first = read->samples.at(0);
        CHECK(first.scope == "core");
        CHECK(first.id == "S0-D0-C1");
        CHECK(first.cgroup == "system.slice/nginx.service");
        CHECK(first.cpus == 2);
        CHECK_FALSE(first.summary);
        CHECK(first.start_s == 0.1);
        const Sample& second = read->samples.at(1);
        CHECK(second.name == "a \"b\"\n\xef\xbf\xbd"); // no UTF-8, which JSON must be
        CHECK(second.cpus == 0);
        CHECK(second.summary);
    }

    TEST_CASE("what is nothing special about a sample is not written") {
        const auto json = nlohmann::json::parse(full_result().to_json());
        for (const char* const key : {"name", "cgroup", "cpus", "summary"})
            CHECK_FALSE(json["samples"][0].contains(key));
        CHECK_FALSE(json["run"].contains("target"));
    }

    TEST_CASE("a sample by itself is the same as in its document, on one line") {
        const Result result = with_region();
        const auto json = nlohmann::ordered_json::parse(result.to_json());
        for (std::size_t i = 0; i < result.samples.size(); ++i) {
            const std::string line = result.samples[i].to_json();
            CHECK(line.find('\n') == std::string::npos);
            CHECK(line == json["samples"][i].dump().substr(0, line.size()));
            CHECK(nlohmann::ordered_json::parse(line) == json["samples"][i]);
        }
    }

    TEST_CASE("docs/result.schema.json knows every cause") {
        std::ifstream file(std::string(std::getenv("PMC_SOURCE_ROOT")) + "/docs/result.schema.json");
        const auto schema = nlohmann::json::parse(file);
        nlohmann::json causes;
        for (int cause = 1; cause <= static_cast<int>(Cause::rejected); ++cause)
            causes.push_back(to_string(static_cast<Cause>(cause)));
        CHECK(schema["$defs"]["cause"]["enum"] == causes);
    }

    TEST_CASE("damaged rows say where") {
        const auto good = nlohmann::json::parse(full_result().to_json());
        const auto message = [&](const char* key, const nlohmann::json& value) {
            auto json = good;
            json["samples"][0][key] = value;
            const auto read = Result::from_json(json.dump());
            return read ? std::string() : read.error().message();
        };
        CHECK(message("cpus", -1).find("samples[0].cpus: expected a number that is not negative") != std::string::npos);
        CHECK(message("cpus", 1.5).find("samples[0].cpus: expected a whole number") != std::string::npos);
        CHECK(message("summary", 1).find("samples[0].summary: expected true or false") != std::string::npos);
        CHECK(message("cgroup", 1).find("samples[0].cgroup: expected a string") != std::string::npos);
    }

    TEST_CASE("what has neither regions nor notes does not name them") {
        const auto json = nlohmann::json::parse(full_result().to_json());
        CHECK_FALSE(json.contains("notes"));
        CHECK_FALSE(json["samples"][0].contains("region"));
    }

    TEST_CASE("a damaged region says where") {
        const auto good = nlohmann::json::parse(with_region().to_json());
        const auto message = [&](const char* key, const nlohmann::json& value) {
            auto json = good;
            json["samples"][1]["region"][key] = value;
            const auto read = Result::from_json(json.dump());
            return read ? std::string() : read.error().message();
        };
        CHECK(message("calls", 200'001).empty());
        CHECK(message("calls", -1).find("samples[1].region.calls: expected a whole number") != std::string::npos);
        CHECK(message("time_s", -0.5).find("samples[1].region.time_s: expected a time") != std::string::npos);
        CHECK(message("uncounted", 200'001).find("uncounted: expected no more than the calls") != std::string::npos);
        CHECK(message("pid", 1.5).find("samples[1].region.pid: expected a whole number") != std::string::npos);
        auto json = good;
        json["samples"][1]["region"].erase("calls");
        CHECK_FALSE(Result::from_json(json.dump()));
        json["samples"][1]["region"] = 1;
        CHECK_FALSE(Result::from_json(json.dump()));
        json = good;
        json["notes"] = "one";
        CHECK_FALSE(Result::from_json(json.dump()));
    }

    TEST_CASE("damaged documents never crash") {
        const std::string good = with_region().to_json();
        std::mt19937 random(42);
        for (int i = 0; i < 2000; ++i) {
            std::string bad = good;
            const std::size_t at = random() % bad.size();
            if (i % 2 == 0)
                bad.resize(at);
            else
                bad[at] = static_cast<char>(random());
            (void)Result::from_json(bad);
        }
    }
}
