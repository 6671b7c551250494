#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

using process::pmcstat;
using process::program;
using process::read_file;
using process::scratch;

namespace {

std::string new_file() {
    static int number = 0;
    return scratch() + "/gates" + std::to_string(++number);
}

void write_file(const std::string& path, const std::string& text) {
    const Outcome outcome = process::run({"sh", "-c", "printf %s \"$1\" >\"$0\"", path, text});
    REQUIRE(outcome.status == 0);
}

/// A baseline of `true`, of what any machine can count.
std::string baseline() {
    const std::string file = new_file();
    REQUIRE(pmcstat({"--save-baseline", file, "-r", "6", "-e", "page-faults", "--", "true"}).status == 0);
    return file;
}

Outcome against(const std::string& file, const std::string& limits, const std::string& command = "true") {
    return pmcstat(
        {"--baseline", file, "--max-regression", limits, "-r", "6", "-e", "page-faults", "--", "sh", "-c", command});
}

} // namespace

TEST_SUITE("gates") {
    TEST_CASE("an assertion that holds is 0, one that does not 120; the command's own status comes before") {
        CHECK(pmcstat({"--assert", "page-faults>=1", "--", "true"}).status == 0);
        const Outcome outcome = pmcstat({"--assert", "page-faults<1", "--", "true"});
        CHECK(outcome.status == 120);
        CHECK_MESSAGE(contains(outcome.err, "GATE  FAIL  page-faults"), outcome.err);
        CHECK(pmcstat({"--assert", "page-faults<1", "--", "sh", "-c", "exit 7"}).status == 7);
    }

    TEST_CASE("all assertions are checked, with and without repeats; the worst is the status") {
        for (const char* const runs : {"1", "6"}) {
            const Outcome outcome =
                pmcstat({"-r", runs, "--assert", "page-faults>=1", "--assert", "time<1us", "--", "true"});
            CHECK(outcome.status == 120);
            CHECK_MESSAGE(contains(outcome.err, "GATE  pass  page-faults"), outcome.err);
            CHECK_MESSAGE(contains(outcome.err, "GATE  FAIL  time"), outcome.err);
            CHECK_MESSAGE(contains(outcome.err, "1 failed, 1 passed"), outcome.err);
        }
    }

    TEST_CASE("what is in the list is asserted by its own name") {
        CHECK(pmcstat({"-e", "mine=page_faults*2", "--assert", "mine>=2", "--", "true"}).status == 0);
        CHECK(pmcstat({"-e", "page-faults", "--assert", "page-faults.max>=1", "--", "true"}).status == 0);
    }

    TEST_CASE("mistakes in assertions are told before anything runs") {
        const std::string log = new_file();
        for (const char* const wrong : {"ipc", "ipc>=", "ipc>=x", "nosuchthing>=1", "ipc=>1", "", "cycles.mean<1"}) {
            const Outcome outcome = pmcstat({"--assert", wrong, "--", "sh", "-c", "echo x >>" + log});
            CHECK_MESSAGE(outcome.status == 125, wrong);
            CHECK_MESSAGE(contains(outcome.err, "pmcstat: error: "), outcome.err);
        }
        CHECK_FALSE(process::exists(log));
    }

    TEST_CASE("a baseline is saved, passes against itself, and fails what needs more") {
        const std::string file = new_file();
        const std::string little = "true";
        const std::string much = "head -c 8000000 /dev/zero | sort | wc -c >/dev/null";
        REQUIRE(pmcstat({"--save-baseline", file, "-r", "6", "-e", "page-faults", "--", "sh", "-c", little}).status ==
                0);
        const Outcome same = against(file, "20%", little);
        CHECK_MESSAGE(same.status == 0, same.err);
        CHECK_MESSAGE(contains(same.err, "GATE  pass  page-faults"), same.err);
        const Outcome more = against(file, "20%", much);
        CHECK_MESSAGE(more.status == 120, more.err);
        CHECK_MESSAGE(contains(more.err, "GATE  FAIL  page-faults"), more.err);
    }

    TEST_CASE("times are gated only by name") {
        const std::string file = new_file();
        REQUIRE(pmcstat({"--save-baseline", file, "-r", "6", "-e", "page-faults", "--", "true"}).status == 0);
        const Outcome unnamed = pmcstat(
            {"--baseline", file, "--max-regression", "50%", "-r", "6", "-e", "page-faults", "--", "sleep", "0.1"});
        CHECK_FALSE(contains(unnamed.err, "GATE  FAIL  time"));
        const Outcome named = pmcstat(
            {"--baseline", file, "--max-regression", "time=50%", "-r", "6", "-e", "page-faults", "--", "sleep", "0.3"});
        CHECK_MESSAGE(contains(named.err, "GATE  FAIL  time"), named.err);
    }

    TEST_CASE("a baseline that can't be read is refused before anything runs") {
        const std::string whole = read_file(baseline());
        const std::string log = new_file();
        const std::string truncated = new_file();
        write_file(truncated, whole.substr(0, whole.size() / 2));
        const std::string other = new_file();
        write_file(other, R"({"schema": "somebody-elses/7"})");
        for (const std::string& file : {truncated, other, scratch() + "/nowhere"}) {
            const Outcome outcome = against(file, "2%", "echo x >>" + log);
            CHECK(outcome.status == 125);
            CHECK_MESSAGE(contains(outcome.err, file), outcome.err);
            CHECK_MESSAGE(contains(outcome.err, "hint: "), outcome.err);
        }
        CHECK_FALSE(process::exists(log));
    }

    TEST_CASE("a baseline of another CPU or mode is no baseline: unknown, saying what differs") {
        const Json whole = Json::parse(read_file(baseline()));
        Json other_cpu = whole;
        other_cpu["cpu"]["id"] = "elsewhere-1";
        Json other_mode = whole;
        other_mode["run"]["mode"] = "kernel";
        for (const Json& run : other_mode["runs"])
            const_cast<Json&>(run)["mode"] = "kernel";
        for (const auto& [document, what] : {std::pair{other_cpu, "CPU"}, std::pair{other_mode, "mode"}}) {
            const std::string file = new_file();
            write_file(file, document.dump());
            const Outcome outcome = against(file, "2%");
            CHECK_MESSAGE(outcome.status == 121, outcome.err);
            CHECK_MESSAGE(contains(outcome.err, "GATE  UNKNOWN"), outcome.err);
            CHECK_MESSAGE(contains(outcome.err, what), outcome.err);
        }
    }

    TEST_CASE("a folder serves several machines: each has its own file") {
        const std::string folder = new_file();
        REQUIRE(process::run({"mkdir", folder}).status == 0);
        const Outcome none = against(folder, "2%");
        CHECK(none.status == 121);
        CHECK_MESSAGE(contains(none.err, "there is no baseline of this machine"), none.err);
        CHECK(pmcstat({"--save-baseline", folder, "-r", "6", "-e", "page-faults", "--", "sh", "-c", "true"}).status ==
              0);
        const Outcome listing = process::run({"ls", folder});
        CHECK(listing.out.ends_with(".json\n"));
        CHECK(std::count(listing.out.begin(), listing.out.end(), '\n') == 1);
        CHECK(against(folder, "50%").status == 0);
    }

    TEST_CASE("of a command that fails no baseline is saved, and the old one stays") {
        const std::string file = baseline();
        const std::string before = read_file(file);
        CHECK(pmcstat({"--save-baseline", file, "-r", "3", "-e", "page-faults", "--", "false"}).status == 1);
        CHECK(read_file(file) == before);
        CHECK(pmcstat({"--save-baseline", scratch() + "/no/folder/b.json", "--", "true"}).status == 125);
    }

    TEST_CASE("the baseline is the whole document: pmcstat reports on it again") {
        const Outcome outcome = pmcstat({"--replay", baseline()});
        CHECK(outcome.status == 0);
        CHECK_MESSAGE(contains(outcome.err, "page-faults"), outcome.err);
    }

    TEST_CASE("verdicts for machines: JSON, JUnit, GitHub") {
        const std::string junit = new_file();
        const std::string report = new_file();
        const Outcome outcome = pmcstat({"--assert", "page-faults<1", "--assert", "time<1h", "--junit", junit,
                                         "--github", "--format", "json", "-o", report, "--", "true"});
        CHECK_MESSAGE(outcome.status == 125, outcome.err); // there is no unit h
        const Outcome right = pmcstat({"--assert", "page-faults<1", "--assert", "time<100000ms", "--junit", junit,
                                       "--github", "--format", "json", "-o", report, "--", "true"});
        CHECK(right.status == 120);
        CHECK(contains(right.out, "::error title="));
        CHECK(contains(read_file(junit), "<failure"));
        const Json json = Json::parse(read_file(report));
        REQUIRE(json["verdicts"].size() == 2);
        CHECK(json["verdicts"][0]["outcome"] == "fail");
        CHECK(json["verdicts"][1]["outcome"] == "pass");
        CHECK_MESSAGE(contains(right.err, "GATE  FAIL"), right.err); // where people look
    }

    TEST_CASE("gate judges documents, of one run and of several") {
        const std::string file = baseline();
        CHECK(pmcstat({"gate", "--input", file, "--assert", "page-faults>=1"}).status == 0);
        const Outcome failed = pmcstat({"gate", "--input", file, "--assert", "page-faults.max<1"});
        CHECK(failed.status == 120);
        CHECK(contains(failed.out, "GATE  FAIL  page-faults"));
        CHECK(pmcstat({"gate", "--input", file, "--baseline", file, "--max-regression", "1%"}).status != 120);
        const Outcome unknown = pmcstat({"gate", "--input", file, "--assert", "nosuchthing<1"});
        CHECK(unknown.status == 125);
        CHECK(pmcstat({"gate", "--input", "/nowhere", "--assert", "ipc>1"}).status == 125);
        CHECK(pmcstat({"gate", "--input", file}).status == 125);
        CHECK(pmcstat({"gate", "--assert", "ipc>1"}).status == 125);
    }

    TEST_CASE("what there is to a metric is explained") {
        const Outcome outcome = pmcstat({"--explain", "page-faults", "--", "true"});
        CHECK(outcome.status == 0);
        CHECK_MESSAGE(contains(outcome.err, "page-faults: an event"), outcome.err);
    }

    TEST_CASE("options of gates that mean nothing together are refused") {
        CHECK(pmcstat({"--baseline", "b.json", "--", "true"}).status == 125);
        CHECK(pmcstat({"--max-regression", "2%", "--", "true"}).status == 125);
        CHECK(pmcstat({"--junit", "j.xml", "--", "true"}).status == 125);
        CHECK(pmcstat({"--save-baseline", "", "--", "true"}).status == 125);
        CHECK(pmcstat({"--assert", "ipc>1", "-I", "100", "--", "true"}).status == 125);
        CHECK(pmcstat({"--assert", "ipc>1", "--replay", "r.json"}).status == 125);
        CHECK(pmcstat({"--calibrate", "--save-baseline", "b.json", "--", "true"}).status == 125);
        for (const char* const limits : {"", "2", "x%", "-1%", "2%,", "2%,3%", "cycles=", "nan%", "a=1%,a=2%"})
            CHECK_MESSAGE(pmcstat({"--baseline", "b.json", "--max-regression", limits, "--", "true"}).status == 125,
                          limits);
    }
}

TEST_SUITE("lab without a pmu") {
    TEST_CASE("ipc can't be told: 121, and what to do") {
        REQUIRE_FALSE(process::machine_has_pmu());
        const Outcome outcome = pmcstat({"--assert", "ipc>=1.2", "--", "true"});
        CHECK(outcome.status == 121);
        CHECK_MESSAGE(contains(outcome.err, "GATE  UNKNOWN  ipc"), outcome.err);
        CHECK_MESSAGE(contains(outcome.err, "--backend model"), outcome.err);
    }
}

TEST_SUITE("lab gates") {
    TEST_CASE("a limit of a million passes a million instructions, and fails one more") {
        CHECK(pmcstat({"--assert", "instructions:u<=1000000", "--", program("exact_1000000")}).status == 0);
        CHECK(pmcstat({"--assert", "instructions:u<=1000000", "--", program("exact_1000001")}).status == 120);
        CHECK(pmcstat({"-r", "3", "--assert", "instructions:u<=1000000", "--", program("exact_1000000")}).status == 0);
        CHECK(pmcstat({"-r", "3", "--assert", "instructions:u<=1000000", "--", program("exact_1000001")}).status ==
              120);
    }

    TEST_CASE("two programs 3 % apart are told apart by 3 runs of each") {
        const Outcome outcome = pmcstat({"compare", "-r", "3", "-e", "instructions:u", "--format", "json",
                                         program("exact_1000000"), program("exact_1030000")});
        CHECK(outcome.status == 0);
        const Json report = Json::parse(outcome.out);
        const Json change = find_by(report["sides"][1]["changes"], "name", "instructions:u");
        CHECK_MESSAGE(change["verdict"] == "worse", outcome.out);
    }

    TEST_CASE("three runs of counts that repeat are enough for a baseline, and for a gate") {
        const std::string file = new_file();
        const auto gate = [&](const char* name) {
            return pmcstat({"--baseline", file, "--max-regression", "2%", "-e", "instructions:u", "--", program(name)});
        };
        REQUIRE(pmcstat({"--save-baseline", file, "-e", "instructions:u", "--", program("exact_1000000")}).status == 0);
        CHECK(Json::parse(read_file(file))["repeats"]["runs"] == 3);
        const Outcome same = gate("exact_1000000");
        CHECK_MESSAGE(same.status == 0, same.err);
        CHECK_MESSAGE(contains(same.err, "3 runs"), same.err);
        const Outcome slower = gate("exact_1030000");
        CHECK_MESSAGE(slower.status == 120, slower.err);
    }
}

TEST_SUITE("gates") {
    TEST_CASE("a command that makes a success of being ended is not judged, and is no baseline") {
        const std::string ready = new_file();
        const std::string command = "trap 'exit 0' TERM; touch " + ready + "; sleep 20 & wait";
        const std::string file = new_file();
        for (const std::vector<std::string>& options :
             {std::vector<std::string>{"--assert", "time<30s"}, {"-r", "30", "--save-baseline", file}}) {
            process::Setting setting;
            setting.while_running = [&](pid_t pid) {
                process::eventually([&] { return process::exists(ready); });
                kill(pid, SIGTERM);
            };
            std::vector<std::string> arguments = options;
            arguments.insert(arguments.end(), {"-e", "task-clock", "--", "sh", "-c", command});
            const Outcome outcome = pmcstat(arguments, setting);
            CHECK_MESSAGE(outcome.status == 143, outcome.err);
            CHECK_MESSAGE(contains(outcome.err, "no verdicts, no baseline"), outcome.err);
            CHECK_FALSE(contains(outcome.err, "GATE"));
            std::remove(ready.c_str());
        }
        CHECK_FALSE(process::exists(file));
    }

    TEST_CASE("what has nothing that was counted is no baseline, and does not replace one") {
        const std::string file = baseline();
        const std::string before = read_file(file);
        const Outcome outcome =
            pmcstat({"--save-baseline", file, "-r", "3", "-e", "nr_none=page_faults/0", "--", "true"});
        CHECK_MESSAGE(outcome.status == 121, outcome.err);
        CHECK_MESSAGE(contains(outcome.err, "no baseline was saved"), outcome.err);
        CHECK(read_file(file) == before);
    }

    TEST_CASE("a file of a folder that is no document is a mistake, not another machine") {
        const std::string folder = new_file();
        REQUIRE(process::run({"mkdir", folder}).status == 0);
        REQUIRE(pmcstat({"--save-baseline", folder, "-r", "6", "-e", "page-faults", "--", "true"}).status == 0);
        REQUIRE(process::run({"sh", "-c", "for f in \"$0\"/*; do echo '{' >\"$f\"; done", folder}).status == 0);
        CHECK(against(folder, "2%").status == 125);
    }

    TEST_CASE("verdicts that would be lost are refused before anything runs") {
        const std::string log = new_file();
        const std::vector<std::vector<std::string>> wrong = {
            {"--explain", ""},
            {"--explain", "a,b"},
            {"--explain", "page-faults", "--format", "json"},
            {"--assert", "page-faults>1", "--format", "csv"},
            {"--save-baseline", log + "x", "-o", log + "x"},
            {"--assert", "page-faults>1", "--junit", log + "x", "-o", log + "x"}};
        for (std::vector<std::string> options : wrong) {
            options.insert(options.end(), {"-e", "page-faults", "--", "sh", "-c", "echo x >>" + log});
            const Outcome outcome = pmcstat(options);
            CHECK_MESSAGE(outcome.status == 125, outcome.err);
        }
        CHECK_FALSE(process::exists(log));
        CHECK(pmcstat({"gate", "--input", baseline(), "--assert", "page-faults>1", "--format", "json", "--github"})
                  .status == 125);
    }
}
