#include "process.hpp"

#include <doctest/doctest.h>

#include <fstream>

using process::pmcstat;

namespace {

std::string file(const std::string& name, const std::string& content) {
    const std::string path = process::scratch() + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
}

std::string by_hand() {
    return file("hand.json", R"({"schema": "pmcstat/1", "cpu": {"id": "AuthenticAMD-25-11"},
        "samples": [{"end_s": 1, "events": [{"name": "cycles", "raw": 1000, "group": 0},
                                            {"name": "instructions", "raw": 1500, "group": 0}]}]})");
}

/// 125, one line of error that has these parts, and nothing else.
void refused(const Outcome& outcome, const std::vector<std::string>& parts) {
    CAPTURE(outcome.err);
    CHECK(outcome.status == 125);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.starts_with("pmcstat: error: "));
    for (const std::string& part : parts)
        CHECK_MESSAGE(contains(outcome.err, part), part);
}

} // namespace

TEST_SUITE("replay") {
    TEST_CASE("a run that is replayed gives the same document, and the status of a report that was given") {
        const std::string recorded = process::scratch() + "/run.json";
        const std::string again = process::scratch() + "/again.json";
        const Outcome run =
            pmcstat({"-o", recorded, "--format", "json", "-e",
                     "cpu,ipc,page-faults,per_switch=page_faults/context_switches", "--", "sh", "-c", "exit 7"});
        CHECK(run.status == 7);
        const Outcome replay = pmcstat({"--replay", recorded, "-o", again, "--format", "json"});
        CAPTURE(replay.err);
        CHECK(replay.status == 0);
        CHECK(process::read_file(again) == process::read_file(recorded));

        const Outcome text = pmcstat({"--replay", recorded});
        CHECK(text.status == 0);
        for (const char* const part :
             {"replayed from ", "run.json", "sh -c exit 7", "status 7", "task clock", "per_switch"})
            CHECK_MESSAGE(contains(text.err, part), part, " is missing in\n", text.err);
    }

    TEST_CASE("another list gives another report of the same run") {
        const std::string recorded = process::scratch() + "/other.json";
        CHECK(pmcstat({"-o", recorded, "--format", "json", "-e", "cpu", "true"}).status == 0);
        const Outcome replay = pmcstat({"--replay", recorded, "-e", "page_fault_rate,x=1000*page_faults"});
        CHECK(replay.status == 0);
        CHECK(contains(replay.err, "fault rate"));
        CHECK(contains(replay.err, "faults/s"));
    }

    TEST_CASE("a few counts written by hand are enough") {
        const Outcome replay = pmcstat({"--replay", by_hand(), "-v"});
        CHECK(replay.status == 0);
        for (const char* const part : {"ipc            1.50", "1500 instructions / 1000 cycles", "table zen4",
                                       "a recording without a command", "time           1.000 s"})
            CHECK_MESSAGE(contains(replay.err, part), part, " is missing in\n", replay.err);
        CHECK(contains(pmcstat({"--replay", by_hand(), "-e", "l1d"}).err, "not in the recording"));
    }

    TEST_CASE("a file that is no result is refused, with its name, the place and what is wrong") {
        const std::string whole = process::read_file(by_hand());
        refused(pmcstat({"--replay", file("half.json", whole.substr(0, whole.size() / 2))}),
                {"half.json: ", "at byte "});
        refused(pmcstat({"--replay", file("empty.json", "")}), {"empty.json: "});
        refused(pmcstat({"--replay", file("schema.json", R"({"schema": "pmcstat/2"})")}),
                {"schema.json: ", "pmcstat/1"});
        refused(pmcstat({"--replay",
                         file("type.json", R"({"schema": "pmcstat/1", "cpu": {}, "samples": [{"end_s": "1"}]})")}),
                {"type.json: ", "samples[0].end_s: expected a number"});
        for (const char* const raw : {"1e400", "-1", "18446744073709551616", "1.5", "null", "\"7\"", "[]"}) {
            CAPTURE(raw);
            refused(pmcstat({"--replay", file("raw.json", std::string(R"({"schema": "pmcstat/1", "cpu": {}, "samples":
                [{"end_s": 1, "events": [{"name": "cycles", "raw": )")
                                                              .append(raw)
                                                              .append("}]}]}"))}),
                    {"raw.json: "});
        }
        refused(pmcstat({"--replay", "/nonexistent/r.json"}), {"/nonexistent/r.json", "No such file"});
        refused(pmcstat({"--replay", process::scratch()}), {"Is a directory"});
    }

    TEST_CASE("a replay runs nothing, and what has no meaning for it is an error") {
        const std::string witness = process::scratch() + "/replay-witness";
        refused(pmcstat({"--replay", by_hand(), "--", "touch", witness}), {"--replay"});
        CHECK_FALSE(process::exists(witness));
        refused(pmcstat({"--replay", by_hand(), "-i"}), {"--replay"});
        refused(pmcstat({"--replay", by_hand(), "-e", "nosuchthing"}), {"nosuchthing"});
        refused(pmcstat({"--replay", by_hand(), "-e", ""}), {"-e"});
        refused(pmcstat({"--replay", by_hand(), "-o", "/nonexistent/x"}), {"/nonexistent/x"});
    }
}
