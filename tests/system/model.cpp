#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

using process::pmcstat;
using process::program;

namespace {

using Words = std::vector<std::string>;

constexpr const char* geometry = "I1=32768,8,64 D1=32768,8,64 LL=8388608,16,64 cycles=L1+5LL+35RAM";

Words modelled(Words options, const Words& command) {
    options.insert(options.begin(), {"--backend", "model"});
    options.emplace_back("--");
    options.insert(options.end(), command.begin(), command.end());
    return options;
}

Json document(const std::string& events, const Words& command) {
    const std::string file = process::scratch() + "/model.json";
    const Outcome outcome = pmcstat(modelled({"-e", events, "--format", "json", "-o", file}, command));
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return Json::parse(process::read_file(file));
}

Json event_of(const Json& document, const std::string& name) {
    return find_by(document["samples"][0]["events"], "name", name);
}

long long count_of(const std::string& event, const Words& command) {
    const Json found = event_of(document(event, command), event);
    REQUIRE(found.is_object());
    REQUIRE_MESSAGE(found["raw"].is_number(), found.dump());
    return found["raw"].get<long long>();
}

/// A folder for temporary files that is empty, and made the command's TMPDIR.
struct TemporaryFiles {
    std::string path = process::scratch() + "/tmp";
    TemporaryFiles() { std::filesystem::create_directory(path); }
    [[nodiscard]] process::Setting setting() const {
        return {.in_child = [this] { setenv("TMPDIR", path.c_str(), 1); }};
    }
    [[nodiscard]] bool is_empty() const { return std::filesystem::is_empty(path); }
};

void write_script(const std::string& path, const std::string& line) {
    FILE* const file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    std::fputs(("#!/bin/sh\n" + line + "\n").c_str(), file);
    std::fclose(file);
    REQUIRE(chmod(path.c_str(), 0755) == 0);
}

/// As a container's usual filter does: a personality may be looked at, but not changed.
void deny_personality() {
    sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_personality, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffff, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const sock_fprog filter{static_cast<unsigned short>(std::size(instructions)), instructions};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        _exit(99);
}

bool is_near(long long number, double expected) {
    const double off = static_cast<double>(number) / expected - 1;
    return off > -0.02 && off < 0.02;
}

} // namespace

TEST_SUITE("model") {
    TEST_CASE("no form shows a modelled number as measured") {
        const Outcome csv = pmcstat({"--backend", "model", "-e", "instructions", "--format", "csv", "--", "true"});
        CHECK(csv.status == 0);
        CHECK_MESSAGE(contains(csv.err, ",model,"), csv.err);
        CHECK_FALSE(contains(csv.err, ",measured,"));
        const std::vector<std::vector<std::string>> without_marks = {{"--format", "prom"}, {"-x", ","}, {"-j"}};
        for (std::vector<std::string> form : without_marks) {
            form.insert(form.end(), {"--backend", "model", "-e", "instructions", "--", "true"});
            const Outcome outcome = pmcstat(form);
            CHECK(outcome.status == 125);
            CHECK_MESSAGE(contains(outcome.err, "modelled and not measured"), outcome.err);
        }
    }

    TEST_CASE("commands are compared by the model, too") {
        const Outcome outcome = pmcstat({"compare", "--backend", "model", "-r", "3", "-e", "instructions", "--format",
                                         "json", program("exact_1000000"), program("exact_1030000")});
        CHECK_MESSAGE(outcome.status == 0, outcome.err);
        const Json report = Json::parse(outcome.out);
        CHECK(find_by(report["sides"][1]["changes"], "name", "instructions")["verdict"] == "worse");
    }

    TEST_CASE("instructions repeat to the last digit") {
        std::vector<long long> counts;
        for (int run = 0; run < 5; ++run)
            counts.push_back(count_of("instructions", {"/bin/ls", "/"}));
        CHECK(counts.front() > 10'000);
        CHECK(std::ranges::count(counts, counts.front()) == 5);
    }

    TEST_CASE("a static program of known length has that many instructions") {
        CHECK(count_of("instructions", {program("exact_1000000")}) == 1'000'000);
        CHECK(count_of("instructions:u", {program("exact_1000001")}) == 1'000'001);
    }

    TEST_CASE("a walk over more than the last level holds misses once per line, one over less once at all") {
        constexpr double lines_per_mib = 1024.0 * 1024 / 64;
        CHECK(is_near(count_of("llc_misses", {program("stride_walk"), "64", "4"}), 64 * lines_per_mib * 4));
        CHECK(is_near(count_of("llc_misses", {program("stride_walk"), "7", "10"}) -
                          count_of("llc_misses", {program("stride_walk"), "7", "0"}),
                      7 * lines_per_mib));
        CHECK(is_near(count_of("l1d_misses", {program("stride_walk"), "1", "10"}) -
                          count_of("l1d_misses", {program("stride_walk"), "1", "0"}),
                      lines_per_mib * 10));
    }

    TEST_CASE("the programs that a command starts are in the sum") {
        const auto twice = [](const std::string& what) {
            return Words{"/bin/sh", "-c", program(what) + "; " + program(what) + "; :"};
        };
        const long long two = count_of("instructions", twice("exact_1000000"));
        CHECK(two > 2'000'000);
        // Of the shell nothing differs: the names are of one length.
        CHECK(count_of("instructions", twice("exact_1000001")) == two + 2);
    }

    TEST_CASE("a command that executes another one in its place is counted from there, and says so") {
        const std::string exact = program("exact_1000000");
        const Json replaced = document("instructions", {"/bin/sh", "-c", "exec " + exact});
        CHECK(event_of(replaced, "instructions")["raw"] == 1'000'000);
        CHECK(contains(replaced["notes"].dump(), "executed another program in its place"));
        CHECK_FALSE(document("instructions", {exact, "two words", ""}).contains("notes"));
    }

    TEST_CASE("what a fork did without an exec can't be told from what was before it: it is no count") {
        const Json lost = document("instructions", {program("forks"), "1000", "1000000"});
        const Json event = event_of(lost, "instructions");
        CHECK(event["state"] == "not counted");
        CHECK(contains(event["reason"], "forks without an exec"));
        CHECK(contains(lost["notes"].dump(), "did after a fork without an exec"));
        // A shell's own forks do not matter beside what is measured.
        const Json kept = document("instructions", {"/bin/sh", "-c", "(:) ; " + program("forks") + "| cat"});
        CHECK_FALSE(event_of(kept, "instructions").is_null());
    }

    TEST_CASE("a small fork is left out, with a note") {
        const std::string forks = program("stride_walk") + " 64 200; (:)";
        const Json kept = document("instructions", {"/bin/sh", "-c", forks});
        CHECK(event_of(kept, "instructions")["raw"].is_number());
        CHECK(contains(kept["notes"].dump(), "did after a fork without an exec"));
    }

    TEST_CASE("a program with a long list of arguments is no fork") {
        const std::string arguments = " $(seq 1 14000); :"; // 82 KB: valgrind's log begins with them
        const Json counted = document("instructions", {"/bin/sh", "-c", program("exact_1000000") + arguments});
        CHECK(event_of(counted, "instructions")["raw"].is_number());
        CHECK_FALSE(counted.contains("notes"));
        CHECK(event_of(counted, "instructions")["raw"] > 1'000'000);
    }

    TEST_CASE("the command's status, output and input are its own") {
        const Outcome seven = pmcstat(modelled({}, {"sh", "-c", "echo out; echo err >&2; exit 7"}));
        CHECK(seven.status == 7);
        CHECK(seven.out == "out\n");
        CHECK(seven.err.starts_with("err\n"));
        CHECK(contains(seven.err, "~"));
        CHECK(pmcstat(modelled({}, {"sh", "-c", "kill -SEGV $$"})).status == 139);
        CHECK(pmcstat(modelled({}, {"sh", "-c", "kill -TERM $$"})).status == 143);
        CHECK(pmcstat(modelled({"--timeout", "2000"}, {"sleep", "50"})).status == 124);
        CHECK(pmcstat(modelled({}, {"./no-such-program"})).status == 127);
        CHECK(pmcstat(modelled({}, {"/tmp"})).status == 126);
    }

    TEST_CASE("a script is counted as its interpreter") {
        const std::string path = process::scratch() + "/script";
        write_script(path, "echo \"$1\"");
        const Outcome outcome = pmcstat(modelled({"-e", "instructions"}, {path, "word"}));
        CHECK(outcome.status == 0);
        CHECK(outcome.out == "word\n");
        CHECK(contains(outcome.err, "instructions   ~"));
    }

    TEST_CASE("a command that was killed has no counts, and says so") {
        const Outcome outcome =
            pmcstat(modelled({"-e", "instructions"}, {"sh", "-c", "sh -c 'kill -KILL $PPID; :'; :"}));
        CHECK(outcome.status == 137);
        CHECK(contains(outcome.err, "not counted"));
        CHECK(contains(outcome.err, "killed before valgrind could write its counts"));
    }

    TEST_CASE("what a child did that was killed nobody knows: there is no count, and no gate passes") {
        const std::string child = program("stride_walk") + " 1 1000000";
        const std::string shell = child + " & sleep 1; kill -KILL $!; wait; " + program("exact_1000000") + "; :";
        const Outcome outcome = pmcstat(modelled({"--assert", "instructions<1000000000000"}, {"/bin/sh", "-c", shell}));
        CHECK(outcome.status == 121);
        CHECK_MESSAGE(contains(outcome.err, "(killed, or still running)"), outcome.err);
        CHECK_MESSAGE(contains(outcome.err, "GATE  UNKNOWN"), outcome.err);
    }

    TEST_CASE("an instruction that valgrind does not know is told, and what it cut short is no count") {
        const std::string unknown = program("unknown_instruction");
        const Outcome outcome = pmcstat(modelled({"--assert", "instructions<1000000000000"}, {unknown}));
        CHECK(outcome.status == 132);
        CHECK_MESSAGE(contains(outcome.err, "does not know an instruction of this program"), outcome.err);
        CHECK_MESSAGE(contains(outcome.err, "without -march=native"), outcome.err);
        const Outcome of_child =
            pmcstat(modelled({"--assert", "instructions<1000000000000"}, {"/bin/sh", "-c", unknown + "; :"}));
        CHECK_MESSAGE(of_child.status == 121, of_child.err);
    }

    TEST_CASE("a signal to pmcstat reaches the command, the report is printed, and no file is left") {
        const TemporaryFiles files;
        process::Setting setting = files.setting();
        const std::string ready = process::scratch() + "/model-ready";
        unlink(ready.c_str());
        setting.while_running = [&](pid_t pid) {
            REQUIRE(process::eventually([&] { return process::exists(ready); }));
            kill(pid, SIGTERM);
        };
        const Outcome outcome =
            pmcstat(modelled({"-e", "instructions"},
                             {"sh", "-c", "trap 'exit 9' TERM; : > " + ready + "; while :; do :; done"}),
                    setting);
        CHECK(outcome.status == 9);
        CHECK(contains(outcome.err, "instructions   ~"));
        CHECK(files.is_empty());
    }

    TEST_CASE("no file is left, however it ends") {
        const TemporaryFiles files;
        for (const Words& command : {Words{"true"}, Words{"no-such-program"}, Words{"sh", "-c", "kill -KILL $$"}}) {
            (void)pmcstat(modelled({"-e", "instructions"}, command), files.setting());
            CHECK(files.is_empty());
        }
    }

    TEST_CASE("without valgrind it says what to install, and the command does not run") {
        process::Setting setting;
        setting.in_child = [] { setenv("PATH", "/no/such/folder", 1); };
        const Outcome outcome = pmcstat(modelled({}, {"/bin/echo", "ran"}), setting);
        CHECK(outcome.status == 125);
        CHECK(outcome.out.empty());
        CHECK(contains(outcome.err, "valgrind: not found"));
        CHECK(contains(outcome.err, "hint: install valgrind"));
    }

    TEST_CASE("a valgrind that can't run the command is an error, not the command's status") {
        const std::string folder = process::scratch() + "/broken";
        std::filesystem::create_directory(folder);
        write_script(folder + "/valgrind", "echo \"valgrind: failed to start tool\" >&2; exit 1");
        process::Setting setting;
        setting.in_child = [&] { setenv("PATH", (folder + ":" + std::getenv("PATH")).c_str(), 1); };
        const Outcome outcome = pmcstat(modelled({"-e", "instructions"}, {"/bin/echo", "ran"}), setting);
        CHECK(outcome.status == 125);
        CHECK(outcome.out.empty());
        CHECK_MESSAGE(contains(outcome.err, "valgrind: failed to start tool"), outcome.err);
        CHECK_MESSAGE(contains(outcome.err, "could not run the command, and ended with status 1"), outcome.err);
        write_script(folder + "/valgrind", "kill -TERM $$");
        CHECK(pmcstat(modelled({"-e", "instructions"}, {"/bin/echo"}), setting).status == 143);
    }

    TEST_CASE("a setuid program is refused: valgrind can't run it") {
        const std::string path = process::scratch() + "/setuid";
        std::filesystem::copy_file("/bin/true", path, std::filesystem::copy_options::overwrite_existing);
        REQUIRE(chmod(path.c_str(), 04755) == 0);
        const Outcome outcome = pmcstat(modelled({}, {path}));
        CHECK(outcome.status == 125);
        CHECK(contains(outcome.err, "setuid"));
    }

    TEST_CASE("the command has its own environment, but for what valgrind needs") {
        const Outcome outcome = pmcstat(modelled({"-e", "instructions"}, {"env"}));
        CHECK(contains(outcome.out, "PATH="));
        for (const char* name : {"PMC_REPORT", "VALGRIND", "pmcstat-"})
            CHECK_FALSE(contains(outcome.out, name));
    }

    TEST_CASE("what is modelled is marked, and what no model has says so") {
        const Outcome text = pmcstat(modelled({"-e", "ipc,llc,instructions,task-clock,instructions:k"}, {"true"}));
        CHECK(contains(text.err, "ipc            ~"));
        CHECK(contains(text.err, "llc miss       ~"));
        CHECK(contains(text.err, "instructions   ~"));
        CHECK(contains(text.err, "task-clock     n/a"));
        CHECK(contains(text.err, "counts user mode alone"));
        CHECK(contains(text.err, "~ modelled by valgrind, not measured: cachegrind-"));
        CHECK(contains(text.err, geometry));

        const Json json = document("ipc,instructions,task-clock,L1-icache-load-misses", {"true"});
        CHECK(json["run"]["backend"] == "model");
        CHECK(json["run"]["mode"] == "user");
        CHECK(contains(json["run"]["model"], geometry));
        CHECK(json["cpu"]["table"] == "cachegrind");
        const Json ipc = find_by(json["samples"][0]["metrics"], "id", "ipc");
        CHECK(ipc["source"] == "model");
        CHECK(ipc["quality"] == "proxy");
        CHECK(event_of(json, "instructions")["source"] == "model");
        CHECK(event_of(json, "L1-icache-load-misses")["encoding"] == "cachegrind/I1mr/");
        CHECK(event_of(json, "task-clock")["cause"] == "not_modelled");
    }

    TEST_CASE("a model's document can be reported again, and is a model's then too") {
        const std::string file = process::scratch() + "/model-replay.json";
        REQUIRE(pmcstat(modelled({"-e", "ipc", "--format", "json", "-o", file}, {"true"})).status == 0);
        const Outcome again = pmcstat({"--replay", file, "-e", "ipc,cpi"});
        CHECK(again.status == 0);
        CHECK(contains(again.err, "ipc            ~"));
        CHECK(contains(again.err, "cpi            ~"));
        CHECK(contains(again.err, geometry));
    }

    TEST_CASE("several runs of a model are one number") {
        const std::string file = process::scratch() + "/model-runs.json";
        const Outcome outcome =
            pmcstat(modelled({"-r", "3", "-e", "instructions", "--format", "json", "-o", file}, {"/bin/echo"}));
        REQUIRE(outcome.status == 0);
        const Json statistic = find_by(Json::parse(process::read_file(file))["statistics"], "name", "instructions");
        REQUIRE(statistic.is_object());
        CHECK(statistic["min"] == statistic["max"]);
        CHECK(statistic["source"] == "model");
    }

    TEST_CASE("a gate is decided without a PMU") {
        const std::string exact = program("exact_1000000");
        CHECK(pmcstat(modelled({"--assert", "instructions:u<=1000000"}, {exact})).status == 0);
        CHECK(pmcstat(modelled({"--assert", "instructions:u<=1000000"}, {program("exact_1000001")})).status == 120);
    }

    TEST_CASE("a container that lets nobody fix addresses is no obstacle, even where fixed ones are asked for") {
        const process::Setting container{.in_child = deny_personality};
        const std::string exact = program("exact_1000000");
        REQUIRE(pmcstat({"--no-aslr", "--", exact}, container).status == 125); // the filter works
        CHECK(pmcstat(modelled({"--assert", "instructions:u==1000000"}, {exact}), container).status == 0);
        CHECK(pmcstat(modelled({"--no-aslr", "--assert", "instructions:u==1000000"}, {exact}), container).status == 0);
    }

    TEST_CASE("a model counts a command as a whole: anything else is refused") {
        for (const char* option : {"-a", "-i", "--passes", "--per-thread"}) {
            const Outcome outcome = pmcstat(modelled({option}, {"true"}));
            CHECK(outcome.status == 125);
            CHECK(contains(outcome.err, std::string(option) + " with --backend model"));
        }
        for (const Words& options : {Words{"-p", "1"}, Words{"-I", "10"}, Words{"-D", "10"}, Words{"-G", "a"}}) {
            const Outcome outcome = pmcstat(modelled(options, {"true"}));
            CHECK(outcome.status == 125);
            CHECK(contains(outcome.err, "with --backend model"));
        }
        CHECK(pmcstat({"--backend", "model"}).status == 125);
        CHECK(pmcstat({"--backend", "abacus", "true"}).status == 125);
    }
}
