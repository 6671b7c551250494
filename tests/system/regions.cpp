// What pmcstat makes of a command's regions. The commands here write their documents by hand, as libpmc does where a
// program has scopes: into PMC_REPORT.
#include "process.hpp"
#include "system_calls.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using process::pmcstat;

namespace {

const char* const document = R"({"schema": "pmcstat/1", "cpu": {}, "run": {"mode": "user"},
"notes": ["a note of the app's"], "samples": [
{"scope": "region", "id": "NAME", "end_s": 0.5, "region": {"pid": PID, "calls": 250, "time_s": 0.5},
 "events": [{"name": "task-clock", "encoding": "software/config=0x1/", "raw": 5000, "unit": "ns", "asked": true}]}]})";

/// A folder of its own for temporary files, which must be empty when all is over.
class TemporaryFolder {
public:
    TemporaryFolder() {
        path_ = process::scratch() + "/tmp.XXXXXX";
        REQUIRE(mkdtemp(path_.data()) != nullptr);
        chmod(path_.c_str(), 01777);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { CHECK(rmdir(path_.c_str()) == 0); }

    [[nodiscard]] process::Setting setting() const {
        process::Setting setting;
        setting.in_child = [path = path_] {
            unsetenv("PMC_REPORT");
            setenv("TMPDIR", path.c_str(), 1);
        };
        return setting;
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// A shell's words that report a region of this name as this shell's process.
std::string reports(const std::string& name) {
    const std::string file = process::scratch() + "/document";
    std::ofstream(file) << document;
    return "sed \"s/PID/$$/; s/NAME/" + name + "/\" " + file + " > \"${PMC_REPORT%\\%p*}$$.json\"";
}

std::vector<std::string> counted(const std::string& script, std::vector<std::string> options = {}) {
    std::vector<std::string> arguments = {"-e", "task-clock"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--", "sh", "-c", script});
    return arguments;
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

} // namespace

TEST_SUITE("regions") {
    TEST_CASE("a command's regions stand below the report, and nothing is left behind") {
        const TemporaryFolder folder;
        const Outcome outcome = pmcstat(counted(reports("parse")), folder.setting());
        CAPTURE(outcome.err);
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "\nregions: pid "));
        CHECK(contains(outcome.err, "  parse   250 calls\n    time             500.0 ms   2.000 ms\n"));
        CHECK(contains(outcome.err, "  note: a note of the app's\n"));
        CHECK(outcome.err.find("\n  task-clock ") < outcome.err.find("\nregions: "));
    }

    TEST_CASE("a program with scopes: each of its processes has a table, by what the user's PMC_EVENTS asks for") {
        const TemporaryFolder folder;
        process::Setting setting = folder.setting();
        setting.in_child = [before = setting.in_child] {
            before();
            setenv("PMC_EVENTS", "task-clock", 1);
        };
        const Outcome outcome = pmcstat({"-e", "task-clock", "--", process::program("scopes"), "fork"}, setting);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 0);
        CHECK(times(outcome.err, "\nregions: pid ") == 2);
        CHECK(times(outcome.err, "  outer   30 calls, 2 threads") == 1);
        CHECK(times(outcome.err, "  inner   30 calls, 2 threads") == 1);
        CHECK(times(outcome.err, "  outer   35 calls, 2 threads") == 1);
        CHECK(times(outcome.err, "    task-clock ") == 4);
    }

    TEST_CASE("a program with scopes writes a report of its own, as text and as a document") {
        process::Setting setting;
        setting.in_child = [] {
            setenv("PMC_EVENTS", "task-clock", 1);
            setenv("PMC_REPORT", "-", 1);
        };
        const Outcome text = process::run({process::program("scopes")}, setting);
        CHECK(text.status == 0);
        CHECK(contains(text.err, "  outer   30 calls, 2 threads"));
        const std::string file = process::scratch() + "/scopes.json";
        setting.in_child = [&] {
            setenv("PMC_EVENTS", "task-clock", 1);
            setenv("PMC_REPORT", file.c_str(), 1);
        };
        CHECK(process::run({process::program("scopes")}, setting).err.empty());
        const Outcome replayed = pmcstat({"--replay", file});
        CHECK(replayed.status == 0);
        CHECK(contains(replayed.err, "  outer   30 calls, 2 threads"));
        CHECK(pmcstat({"--replay", file, "--format", "json"}).err == process::read_file(file));
    }

    TEST_CASE("without the user read a scope makes two system calls: one read() of the group at each end") {
        const std::vector<std::string> environment = {"PMC_READ=syscall", "PMC_EVENTS={task-clock,page-faults}",
                                                      "PMC_REPORT=/dev/null"};
        const std::string scopes = process::program("scopes");
        const std::map<long, int> few = system_calls({scopes, "loop", "1000"}, environment);
        std::map<long, int> more = system_calls({scopes, "loop", "3000"}, environment);
        for (const auto& [number, times] : few)
            more[number] -= times;
        std::erase_if(more, [](const auto& call) { return call.second == 0; });
        CHECK(more == std::map<long, int>{{SYS_read, 4000}});
    }

    TEST_CASE("while nobody measures a scope makes no system call, and no file is left") {
        const std::string scopes = process::program("scopes");
        CHECK(system_calls({scopes, "loop", "10"}, {}) == system_calls({scopes, "loop", "100000"}, {}));
    }

    TEST_CASE("in JSON they are samples beside the command's, and a replay shows them too") {
        const TemporaryFolder folder;
        const Outcome outcome = pmcstat(counted(reports("parse"), {"--format", "json"}), folder.setting());
        const Json json = Json::parse(outcome.err);
        REQUIRE(json["samples"].size() == 2);
        CHECK(json["samples"][0]["scope"] == "process");
        const Json& region = json["samples"][1];
        CHECK(region["scope"] == "region");
        CHECK(region["id"] == "parse");
        CHECK(region["region"]["calls"] == 250);
        CHECK(region["region"]["pid"] == json["run"]["pid"]);
        CHECK(region["events"][0]["raw"] == 5000);
        CHECK(json["notes"].back() == "a note of the app's");

        const std::string file = process::scratch() + "/recorded.json";
        std::ofstream(file) << outcome.err;
        const Outcome replayed = pmcstat({"--replay", file});
        CHECK(replayed.status == 0);
        CHECK(times(replayed.err, "  parse   250 calls\n") == 1);
        CHECK(Json::parse(pmcstat({"--replay", file, "--format", "json"}).err) == json);
    }

    TEST_CASE("every process of the command has its own, in the order of their pids") {
        const TemporaryFolder folder;
        const std::string script =
            "sh -c '" + reports("second") + "'; sh -c '" + reports("third") + "'; " + reports("first");
        const Outcome outcome = pmcstat(counted(script, {"--format", "json"}), folder.setting());
        const Json samples = Json::parse(outcome.err)["samples"];
        REQUIRE(samples.size() == 4);
        int before = 0;
        for (std::size_t i = 1; i < samples.size(); ++i) {
            CHECK(samples[i]["region"]["pid"].get<int>() > before);
            before = samples[i]["region"]["pid"].get<int>();
        }
        CHECK(find_by(samples, "id", "first")["region"]["pid"] == Json::parse(outcome.err)["run"]["pid"]);
    }

    TEST_CASE("who has a PMC_REPORT keeps it, and pmcstat shows no regions") {
        const TemporaryFolder folder;
        const std::string own = process::scratch() + "/own-%p.json";
        process::Setting setting = folder.setting();
        setting.in_child = [&, before = setting.in_child] {
            before();
            setenv("PMC_REPORT", own.c_str(), 1);
        };
        const Outcome outcome = pmcstat(counted("echo $PMC_REPORT; " + reports("parse")), setting);
        CHECK(outcome.out == own + '\n');
        CHECK_FALSE(contains(outcome.err, "parse   "));
    }

    TEST_CASE("a command without regions sees a folder that is its user's alone, and is reported as ever") {
        const TemporaryFolder folder;
        const Outcome outcome =
            pmcstat(counted("stat -c '%a %n' \"${PMC_REPORT%/*}\"; ls -A \"${PMC_REPORT%/*}\""), folder.setting());
        CHECK(outcome.out.starts_with("700 " + folder.path() + "/pmcstat-"));
        CHECK(times(outcome.out, "\n") == 1);
        CHECK_FALSE(contains(outcome.err, "region"));
    }

    TEST_CASE("a command that is not there, or that a signal ends, leaves no folder") {
        const TemporaryFolder folder;
        CHECK(pmcstat({"--", "/nowhere/command"}, folder.setting()).status == 127);
        CHECK(pmcstat({"-e", "unknown_thing", "--", "true"}, folder.setting()).status == 125);
        CHECK(pmcstat(counted(reports("parse") + "; kill -9 $$"), folder.setting()).status == 137);
        process::Setting setting = folder.setting();
        setting.while_running = [&](pid_t pid) {
            const std::string started = folder.path() + "/started";
            REQUIRE(process::eventually([&] { return process::exists(started); }));
            unlink(started.c_str());
            kill(pid, SIGTERM);
        };
        const Outcome outcome = pmcstat(counted(reports("parse") + "; touch $TMPDIR/started; exec sleep 50"), setting);
        CHECK(outcome.status == 128 + SIGTERM);
        CHECK(contains(outcome.err, "  parse   250 calls\n"));
    }

    TEST_CASE("whatever else a command puts there is no report, and is removed") {
        const TemporaryFolder folder;
        const std::string script = "cd \"${PMC_REPORT%/*}\"; echo '{' > 1.json; ln -s /dev/zero 2.json; mkfifo 3.json; "
                                   "mkdir 4.json; echo > 123.json.tmp; echo > -5.json; echo > x.json; " +
                                   reports("parse");
        const Outcome outcome = pmcstat(counted(script), folder.setting());
        CAPTURE(outcome.err);
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "  parse   250 calls\n"));
        CHECK(contains(outcome.err, "  note: the regions of pid 1 are lost: not JSON"));
        CHECK(contains(outcome.err, "  note: the regions of pid 2 are lost: "));
        CHECK(times(outcome.err, "are lost") == 4);
    }

    TEST_CASE("a folder that the command may not write to costs it the regions, and nothing else") {
        const TemporaryFolder folder;
        const Outcome outcome =
            pmcstat(counted("chmod 0 \"${PMC_REPORT%/*}\"; rmdir \"${PMC_REPORT%/*}\""), folder.setting());
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "task-clock"));
    }

    TEST_CASE("a TMPDIR that can't be used is no error") {
        process::Setting setting;
        setting.in_child = [] { setenv("TMPDIR", "/nowhere", 1); };
        const Outcome outcome = pmcstat(counted("echo ${PMC_REPORT-none}"), setting);
        CHECK(outcome.status == 0);
        CHECK(outcome.out == "none\n");
        setting.in_child = [] { setenv("TMPDIR", "here/%p", 1); };
        CHECK(pmcstat(counted("echo $PMC_REPORT"), setting).out.starts_with("/tmp/pmcstat-"));
    }

    TEST_CASE("with --passes each run has its own") {
        const TemporaryFolder folder;
        const Outcome outcome =
            pmcstat({"--passes", "--format", "json", "--", "sh", "-c", reports("parse")}, folder.setting());
        const Json json = Json::parse(outcome.err);
        const std::size_t runs = json.contains("runs") ? json["runs"].size() : 1;
        std::size_t next = 0;
        for (const Json& sample : json["samples"]) {
            if (sample["scope"] == "region")
                CHECK(sample["run"] == next++);
        }
        CHECK(next == runs);
    }
}
