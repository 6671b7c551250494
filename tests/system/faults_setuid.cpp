#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;
using process::program;

namespace fs = std::filesystem;

namespace {

/// A copy of the test program `workers` whose exec ends a process's counters: root's is setuid to somebody else; who is
/// not root has one that may be executed, but not read, which comes to the same.
std::string other_rights() {
    const std::string path = process::scratch() + "/other-rights";
    fs::copy_file(program("workers"), path, fs::copy_options::skip_existing);
    const bool is_root = geteuid() == 0;
    if (is_root)
        REQUIRE(chown(path.c_str(), 65534, 65534) == 0);
    REQUIRE(chmod(path.c_str(), is_root ? 04755 : 0111) == 0);
    return path;
}

void check_ended(const Json& sample, const std::string& event) {
    Json count = find_by(sample["events"], "name", event);
    CHECK(count["state"] == "not counted");
    CHECK(count["cause"] == "counters_ended");
    CHECK(count["raw"].is_null());
    CHECK(contains(count.dump(), "setuid"));
    CHECK(contains(count.dump(), geteuid() == 0 ? "count all CPUs" : "as root"));
}

constexpr const char* in_part = "counted in part: the kernel ended the counters when ";

} // namespace

TEST_SUITE("faults setuid") {
    TEST_CASE("a command that is a setuid program runs, and what it did is no count of 0") {
        const std::string brief = geteuid() == 0 ? "0" : "50"; // when it has ended only other ids tell
        for (const std::string& milliseconds : {brief, std::string("50")}) {
            const Outcome outcome = pmcstat_leaving_nothing(
                {"-e", "page-faults:u", "--format", "json", "--", other_rights(), "spin", milliseconds});
            CAPTURE(outcome.err);
            REQUIRE(outcome.status == 0);
            Json result = Json::parse(outcome.err);
            check_ended(result["samples"][0], "page-faults:u");
            CHECK(contains(result["notes"].dump(), in_part + std::string("the command executed")));
        }
        CHECK(pmcstat_leaving_nothing({"-e", "task-clock:u", "--", other_rights(), "wrong"}).status == 1);
    }

    TEST_CASE("where no page is left to hear of it, a setuid program's 0 is no count either") {
        process::Setting setting;
        setting.in_child = [] { fault::deny_shared_mappings(EPERM); };
        const std::string event = "page-faults:u";
        const std::string brief = geteuid() == 0 ? "0" : "50";
        const Outcome command =
            pmcstat_leaving_nothing({"-e", event, "--format", "json", "--", other_rights(), "spin", brief}, setting);
        CAPTURE(command.err);
        REQUIRE(command.status == 0);
        check_ended(Json::parse(command.err)["samples"][0], event);
        const fault::Target target("sleep 0.5; exec " + other_rights() + " spin 500");
        const Outcome attached = pmcstat_leaving_nothing(
            {"-e", event, "-I", "50", "--summary", "--format", "json", "-p", target.pid()}, setting);
        CAPTURE(attached.err);
        REQUIRE(attached.status == 0);
        const Json result = Json::parse(attached.err);
        REQUIRE(result["samples"].size() > 2);
        check_ended(result["samples"][result["samples"].size() - 2], event);
    }

    TEST_CASE("what a command did before it became a setuid program is counted, with a note in each form") {
        const std::string script = "exec " + other_rights() + " spin 100";
        const Outcome text = pmcstat_leaving_nothing({"-e", "page-faults:u", "--", "sh", "-c", script});
        CHECK(text.status == 0);
        CHECK(contains(text.err, "  page-faults:u  "));
        CHECK(contains(text.err, std::string("  note: ") + in_part));
        const Outcome csv =
            pmcstat_leaving_nothing({"-e", "page-faults:u", "--format", "csv", "--", "sh", "-c", script});
        CHECK(csv.status == 0);
        CHECK(contains(csv.err, std::string("pmcstat: warning: ") + in_part));
        // Also where it is but a child of the command.
        const Outcome child =
            pmcstat_leaving_nothing({"-e", "task-clock:u", "--", "sh", "-c", other_rights() + " spin 200; true"});
        CHECK(child.status == 0);
        CHECK(contains(child.err, std::string("  note: ") + in_part));
    }

    TEST_CASE("what was counted until a setuid program is nothing for a gate, nor for a baseline") {
        const std::string script = "exec " + other_rights() + " spin 100";
        const std::string document = process::scratch() + "/in-part.json";
        const Outcome gated =
            pmcstat_leaving_nothing({"-e", "page-faults:u", "--assert", "page-faults:u>=1", "--", "sh", "-c", script});
        CHECK(gated.status == 121);
        CHECK(contains(gated.err, "UNKNOWN"));
        const Outcome written = pmcstat_leaving_nothing(
            {"-e", "page-faults:u", "--format", "json", "-o", document, "--", "sh", "-c", script});
        CHECK(written.status == 0);
        const Json result = Json::parse(process::read_file(document));
        const Json count = find_by(result["samples"][0]["events"], "name", "page-faults:u");
        CHECK(count["raw"] >= 1);
        CHECK(count["cause"] == "counters_ended");
        CHECK(pmcstat_leaving_nothing({"gate", "--input", document, "--assert", "page-faults:u>=1"}).status == 121);
        const std::string baseline = process::scratch() + "/no-baseline.json";
        const Outcome saved =
            pmcstat_leaving_nothing({"-e", "page-faults:u", "--save-baseline", baseline, "--", "sh", "-c", script});
        CHECK(contains(saved.err, "no baseline was saved"));
        CHECK_FALSE(process::exists(baseline));
    }

    TEST_CASE("a process that becomes a setuid program: what follows is no interval of 0, and the report says why") {
        const std::string rights = other_rights();
        const fault::Target target("sleep 0.5; exec " + rights + " spin 500");
        const Outcome outcome = pmcstat_leaving_nothing(
            {"-e", "page-faults:u", "-I", "50", "--summary", "--format", "json", "-p", target.pid()});
        CAPTURE(outcome.err);
        REQUIRE(outcome.status == 0);
        Json result = Json::parse(outcome.err);
        const Json& samples = result["samples"];
        REQUIRE(samples.size() > 2);
        check_ended(samples[samples.size() - 2], "page-faults:u");
        CHECK(contains(result["notes"].dump(), in_part + ("process " + target.pid())));
    }

    TEST_CASE("of two processes the one that becomes a setuid program is told, and the other's row is whole") {
        const std::string rights = other_rights();
        for (const bool are_apart : {true, false}) {
            CAPTURE(are_apart);
            const fault::Target target("sleep 0.5; exec " + rights + " spin 300");
            const fault::Target other("while grep -q '^State:.[^Z]' /proc/" + target.pid() + "/status; do :; done");
            std::vector<std::string> words{"-e",   "task-clock:u", "-I",
                                           "100",  "--summary",    "--format",
                                           "json", "-p",           target.pid() + ',' + other.pid()};
            if (are_apart)
                words.insert(words.begin(), "--per-thread");
            const Outcome outcome = pmcstat_leaving_nothing(words);
            CAPTURE(outcome.err);
            REQUIRE(outcome.status == 0);
            const Json result = Json::parse(outcome.err);
            CHECK(contains(result["notes"].dump(), in_part + ("process " + target.pid() + " executed")));
            CHECK_FALSE(contains(result["notes"].dump(), "process " + other.pid()));
            bool is_told = false;
            for (const Json& sample : result["samples"]) {
                const Json count = find_by(sample["events"], "name", "task-clock:u");
                if (are_apart && sample["id"] == other.pid())
                    CHECK_FALSE(count.contains("cause"));
                else
                    is_told = is_told || count.value("cause", "") == "counters_ended";
            }
            CHECK(is_told);
        }
    }

    TEST_CASE("processes that become another program with the same rights are counted on") {
        const fault::Target target("sleep 0.5; exec " + program("workers") + " faults 1000");
        const Outcome outcome =
            pmcstat_leaving_nothing({"-e", "page-faults:u", "--format", "json", "-p", target.pid()});
        REQUIRE(outcome.status == 0);
        const Json result = Json::parse(outcome.err);
        CHECK(find_by(result["samples"][0]["events"], "name", "page-faults:u")["raw"] >= 1000);
        CHECK_FALSE(contains(outcome.err, in_part));
    }

    TEST_CASE("all CPUs count a setuid program like any other") {
        const Outcome outcome = pmcstat_leaving_nothing(
            {"-e", "page-faults", "--format", "json", "-a", "--", other_rights(), "faults", "1000"});
        CAPTURE(outcome.err);
        if (outcome.status == 0)
            CHECK(find_by(Json::parse(outcome.err)["samples"][0]["events"], "name", "page-faults")["raw"] >= 1000);
        else
            CHECK((outcome.status == 125 && geteuid() != 0 && contains(outcome.err, "\n  hint: ")));
        CHECK_FALSE(contains(outcome.err, in_part));
    }

    TEST_CASE("a program that runs a setuid program within a region counts on, by itself") {
        process::Setting setting;
        setting.in_child = [] {
            setenv("PMC_EVENTS", "task-clock", 1);
            setenv("PMC_REPORT", "-", 1);
        };
        const std::string script = process::scratch() + "/spins";
        const std::string rights = other_rights();
        REQUIRE(process::run({"sh", "-c",
                              "printf '#!/bin/sh\nexec " + rights + " spin 20\n' > " + script + "; chmod +x " + script})
                    .status == 0);
        const Outcome outcome = fault::run_leaving_nothing({program("life_work"), "runs", script}, setting);
        CHECK(outcome.status == 0);
        CHECK(outcome.out == "group: counted\nmeasure: counted\nwell\n");
        CHECK(contains(outcome.err, "  part   1 call,"));
        CHECK_FALSE(contains(outcome.err, "not counted"));
    }
}
