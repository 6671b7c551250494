#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <map>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using process::pmcstat;

namespace {

Json document(std::vector<std::string> arguments, int status = 0) {
    arguments.insert(arguments.begin(), {"--format", "json"});
    const Outcome outcome = pmcstat(std::move(arguments));
    CAPTURE(outcome.err);
    REQUIRE(outcome.status == status);
    return Json::parse(outcome.err);
}

std::uint64_t raw(const Json& sample, const std::string& event) {
    return find_by(sample["events"], "name", event)["raw"];
}

} // namespace

TEST_SUITE("targets") {
    TEST_CASE("a process is counted from now on, for as long as a command runs beside it") {
        const fault::Target busy("while :; do :; done");
        const Json result = document({"-e", "task-clock", "-p", busy.pid(), "--", "sleep", "0.3"});
        REQUIRE(result["samples"].size() == 1);
        CHECK(result["samples"][0]["scope"] == "process");
        CHECK(result["samples"][0]["id"] == busy.pid());
        CHECK(raw(result["samples"][0], "task-clock") > 1'000'000);
        CHECK(contains(result["run"]["target"], busy.pid()));
        CHECK(result["run"]["argv"][0] == "sleep");
    }

    TEST_CASE("without a command, counting ends with the process, and is 0") {
        fault::Target brief("sleep 0.2");
        const Outcome outcome = pmcstat({"-e", "task-clock", "-p", brief.pid()});
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "process " + brief.pid()));
        CHECK_FALSE(contains(outcome.err, "max rss"));
    }

    TEST_CASE("several processes are one row, or a row for each thread") {
        const fault::Target first("sleep 50");
        const fault::Target second("sleep 50");
        const std::string both = first.pid() + ',' + second.pid();
        CHECK(document({"-e", "task-clock", "-p", both, "sleep", "0.1"})["samples"].size() == 1);
        const Json threads =
            document({"-e", "task-clock", "-p", first.pid(), "-p", second.pid(), "--per-thread", "sleep", "0.1"});
        REQUIRE(threads["samples"].size() == 2);
        CHECK(threads["samples"][0]["scope"] == "thread");
        const Outcome text = pmcstat({"-e", "task-clock", "-t", both, "--per-thread", "sleep", "0.1"});
        CHECK(text.status == 0);
        CHECK(contains(text.err, "  thread"));
    }

    TEST_CASE("a process is found by its name") {
        const std::string name = "pmc-by-name";
        const std::string path = process::scratch() + '/' + name;
        REQUIRE(process::run({"cp", "/bin/sleep", path}).status == 0);
        const fault::Target named("exec " + path + " 50");
        REQUIRE(process::eventually(
            [&] { return process::read_file("/proc/" + named.pid() + "/comm").starts_with(name); }));
        const Json result = document({"-e", "task-clock", "--name", "^pmc-by-na", "sleep", "0.1"});
        CHECK(result["samples"][0]["id"] == named.pid());
    }

    TEST_CASE("all CPUs: the rows of -A are the machine's CPUs, and each was counted all the time") {
        const Json whole = document({"-e", "task-clock", "-a", "--", "sleep", "0.1"});
        REQUIRE(whole["samples"].size() == 1);
        CHECK(whole["samples"][0]["scope"] == "system");
        const Json rows = document({"-e", "task-clock", "-A", "--", "sleep", "0.1"});
        CHECK(rows["samples"].size() == whole["samples"][0]["cpus"]);
        for (const Json& row : rows["samples"]) {
            CHECK(row["scope"] == "cpu");
            CHECK(raw(row, "task-clock") >= 100'000'000);
        }
    }

    TEST_CASE("a list of CPUs, cores, sockets and nodes") {
        CHECK(document({"-e", "task-clock", "-C", "0", "sleep", "0.05"})["samples"][0]["id"] == "0");
        const std::map<std::string, std::string> scopes = {
            {"--per-core", "core"}, {"--per-socket", "socket"}, {"--per-node", "node"}};
        for (const auto& rows : scopes) {
            CAPTURE(rows.first);
            const Json result = document({"-e", "task-clock", rows.first, "--", "sleep", "0.05"});
            REQUIRE_FALSE(result["samples"].empty());
            CHECK(result["samples"][0]["scope"] == rows.second);
        }
        const Outcome text = pmcstat({"-e", "task-clock", "-A", "sleep", "0.05"});
        CHECK(contains(text.err, "  cpu  task-clock\n  0 "));
    }

    TEST_CASE("neither target nor command is all CPUs until Ctrl-C") {
        process::Setting setting;
        setting.while_running = [](pid_t pid) {
            usleep(300'000);
            kill(pid, SIGINT);
        };
        const Outcome outcome = pmcstat({"-e", "task-clock"}, setting);
        CHECK(outcome.status == 130);
        CHECK(contains(outcome.err, "pmcstat: CPUs "));
        CHECK(contains(outcome.err, "task-clock"));
    }

    TEST_CASE("a signal ends counting without a command; SIGUSR1 does not") {
        for (const int signal : {SIGTERM, SIGHUP, SIGQUIT}) {
            CAPTURE(signal);
            process::Setting setting;
            setting.while_running = [&](pid_t pid) {
                usleep(300'000);
                kill(pid, SIGUSR1);
                usleep(50'000);
                kill(pid, signal);
            };
            const Outcome outcome = pmcstat({"-e", "task-clock", "-a"}, setting);
            CHECK(outcome.status == 128 + signal);
            CHECK(contains(outcome.err, "task-clock"));
        }
    }

    TEST_CASE("--timeout ends it: 124, and the report") {
        const Outcome all = pmcstat({"-e", "task-clock", "-a", "--timeout", "100"});
        CHECK(all.status == 124);
        CHECK(contains(all.err, "task-clock"));
        const Outcome command = pmcstat({"-e", "task-clock", "--timeout", "100", "sleep", "50"});
        CHECK(command.status == 124);
        CHECK(contains(command.err, "SIGTERM"));
        CHECK(pmcstat({"-e", "task-clock", "--timeout", "30000", "sh", "-c", "exit 3"}).status == 3);
    }

    TEST_CASE("--timeout leaves no process behind, whatever the command makes of the signal") {
        const std::string file = process::scratch() + "/left";
        unlink(file.c_str());
        const Outcome outcome = pmcstat({"-e", "task-clock", "--timeout", "500", "--", "sh", "-c",
                                         "sleep 50 & echo $! > " + file + "; trap 'exit 0' TERM; wait"});
        CHECK(outcome.status == 124);
        const pid_t left = std::atoi(process::read_file(file).c_str());
        REQUIRE(left > 1);
        CHECK_FALSE(process::alive(left));
    }

    TEST_CASE("targets that are not there, or exclude each other, are a line each") {
        const std::vector<std::vector<std::string>> wrong = {{"-p", "99999999"},   {"-p", "0"},
                                                             {"-p", "x"},          {"-t", "99999999"},
                                                             {"-C", "60000"},      {"-C", "3-1"},
                                                             {"-p", "1", "-a"},    {"-A", "-p", "1"},
                                                             {"--per-thread"},     {"-a", "-C", "0"},
                                                             {"-A", "--per-node"}, {"--name", "no-such-process-here"},
                                                             {"--name", "["},      {"-G", "no/such/cgroup"},
                                                             {"-i", "-a"},         {"--for-each-cgroup", "("},
                                                             {"--timeout", "0"},   {"--passes", "-a"},
                                                             {"--passes"}};
        for (std::vector<std::string> arguments : wrong) {
            CAPTURE(arguments.front());
            CAPTURE(arguments.back());
            arguments.insert(arguments.begin(), {"-e", "task-clock"});
            const Outcome outcome = pmcstat(arguments);
            CHECK(outcome.status == 125);
            CHECK(outcome.err.starts_with("pmcstat: error: "));
        }
    }

    TEST_CASE("--self-overhead tells what pmcstat used, in text and in the document") {
        CHECK(contains(pmcstat({"-e", "task-clock", "--self-overhead", "true"}).err, "note: pmcstat itself used "));
        const Json result = document({"-e", "task-clock", "--self-overhead", "-a", "sleep", "0.05"});
        CHECK(contains(result["notes"][0], " open"));
    }
}
