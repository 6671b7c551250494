#include "session/valgrind_run.hpp"

#include "kernel/executable.hpp"
#include "kernel/valgrind.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <sys/stat.h>

using namespace pmc;
using pmc::test::ScratchTree;

namespace {

/// PATH is this folder alone, and temporary files go to another, for as long as it lives.
class Surroundings {
public:
    Surroundings() : path_(std::getenv("PATH")) {
        std::filesystem::create_directory(folder_.root() + "/bin");
        std::filesystem::create_directory(temporary_folder());
        setenv("PATH", (folder_.root() + "/bin").c_str(), 1);
        setenv("TMPDIR", temporary_folder().c_str(), 1);
    }
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;
    ~Surroundings() {
        setenv("PATH", path_.c_str(), 1);
        unsetenv("TMPDIR");
    }

    std::string put(const std::string& name, std::string_view content, mode_t mode = 0755) {
        folder_.write("/bin/" + name, content);
        std::string path = folder_.root() + "/bin/" + name;
        REQUIRE(chmod(path.c_str(), mode) == 0);
        return path;
    }
    [[nodiscard]] std::string temporary_folder() const { return folder_.root() + "/tmp"; }
    [[nodiscard]] std::size_t temporary_files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(temporary_folder()),
                                                      std::filesystem::directory_iterator()));
    }

private:
    ScratchTree folder_;
    std::string path_;
};

constexpr const char* script = "#!/bin/sh\necho valgrind-3.99.1\n";

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

int failure_of(const std::string& name) {
    const Expected<std::string> found = kernel::find_executable(name);
    return found ? 0 : found.error().error_number();
}

} // namespace

TEST_SUITE("valgrind_run") {
    TEST_CASE("valgrind is told the geometry, and nothing of this machine or its user's settings") {
        Surroundings here;
        const std::string valgrind = here.put("valgrind", script);
        const std::string app = here.put("app", "#!/bin/sh\n");
        const Expected<ValgrindRun> run = ValgrindRun::prepare({{"app", "-x", "--"}}, "cachegrind", {"--cache-sim=no"});
        REQUIRE(run);
        const std::vector<std::string>& argv = run->command().argv;
        CHECK(argv.front() == valgrind);
        for (const char* option : {"--tool=cachegrind", "--command-line-only=yes", "--I1=32768,8,64", "--D1=32768,8,64",
                                   "--LL=8388608,16,64", "--trace-children=yes", "--cache-sim=no"})
            CHECK_MESSAGE(has(argv, option), option);
        const auto separator = std::ranges::find(argv, "--");
        CHECK(std::vector<std::string>(separator, argv.end()) == std::vector<std::string>{"--", "app", "-x", "--"});
    }

    TEST_CASE("fixed addresses are not asked of the kernel, which may refuse: valgrind's are the same each time") {
        Surroundings here;
        here.put("valgrind", script);
        here.put("app", "#!/bin/sh\n");
        const Expected<ValgrindRun> run =
            ValgrindRun::prepare({.argv = {"app"}, .fixed_addresses = true}, "cachegrind", {});
        REQUIRE(run);
        CHECK_FALSE(run->command().fixed_addresses);
    }

    TEST_CASE("the folder is nobody else's, and gone afterwards") {
        Surroundings here;
        here.put("valgrind", script);
        here.put("app", "#!/bin/sh\n");
        {
            const Expected<ValgrindRun> run = ValgrindRun::prepare({{"app"}}, "cachegrind", {});
            REQUIRE(run);
            CHECK(here.temporary_files() == 1);
            CHECK(run->processes().empty());
            CHECK(run->counts_of(1).empty());
        }
        CHECK(here.temporary_files() == 0);
    }

    TEST_CASE("a TMPDIR that valgrind would read otherwise is not taken") {
        Surroundings here;
        here.put("valgrind", script);
        here.put("app", "#!/bin/sh\n");
        const std::string percent = here.temporary_folder() + "/%p";
        std::filesystem::create_directory(percent);
        for (const std::string& place : {percent, std::string("tmp"), std::string()}) {
            setenv("TMPDIR", place.c_str(), 1);
            const Expected<ValgrindRun> run = ValgrindRun::prepare({{"app"}}, "cachegrind", {});
            REQUIRE(run);
            CHECK(std::ranges::any_of(run->command().argv, [](const std::string& word) {
                return word.starts_with("--log-file=/tmp/pmcstat-");
            }));
        }
    }

    TEST_CASE("an instruction that valgrind does not know is found in its log, not in the words of the command") {
        Surroundings here;
        here.put("valgrind", script);
        here.put("app", "#!/bin/sh\n");
        const Expected<ValgrindRun> run = ValgrindRun::prepare({{"app"}}, "cachegrind", {});
        REQUIRE(run);
        const std::string files = std::filesystem::directory_iterator(here.temporary_folder())->path().string();
        const std::string using_it = "Using Valgrind-3.99.1-0123456789-20260101 and LibVEX; rerun with -h\n";
        const auto put_log = [&](int pid, const std::string& text) {
            std::ofstream(files + "/log." + std::to_string(pid)) << "==7== " << using_it << text;
        };
        put_log(1, "==1== Command: grep vex: unhandled instruction bytes\n");
        put_log(2, "vex amd64->IR: unhandled instruction bytes: 0x62\n");
        put_log(3, "disInstr(arm64): unhandled instruction 0x04800000\n"
                   "==3== Process terminating with default action of signal 4 (SIGILL)\n");
        put_log(4, "==4== valgrind: Unrecognised instruction at address 0x1.\n" // of a trap, on purpose
                   "==4== Process terminating with default action of signal 4 (SIGILL)\n");
        const std::vector<ValgrindRun::Process> processes = run->processes();
        REQUIRE(processes.size() == 4);
        CHECK(processes[0].unknown_to.empty());
        CHECK(processes[1].unknown_to == "3.99.1");
        CHECK_FALSE(processes[1].died_of_it);
        CHECK(processes[2].unknown_to == "3.99.1");
        CHECK(processes[2].died_of_it);
        CHECK(processes[3].unknown_to.empty());
        CHECK_FALSE(processes[3].died_of_it);
    }

    TEST_CASE("without valgrind, or for a command that can't be executed, it is said beforehand") {
        Surroundings here;
        here.put("app", "#!/bin/sh\n");
        const Expected<ValgrindRun> none = ValgrindRun::prepare({{"app"}}, "cachegrind", {});
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error().kind() == ErrorKind::not_available);
        CHECK(none.error().hint().starts_with("install valgrind"));
        here.put("valgrind", script);
        const Expected<ValgrindRun> missing = ValgrindRun::prepare({{"nosuch"}}, "cachegrind", {});
        REQUIRE_FALSE(missing.has_value());
        CHECK(missing.error().kind() == ErrorKind::command);
        CHECK(missing.error().error_number() == ENOENT);
        here.put("app", "#!/bin/sh\n", 04755);
        CHECK(ValgrindRun::prepare({{"app"}}, "cachegrind", {}).error().kind() == ErrorKind::not_available);
        CHECK(here.temporary_files() == 0);
    }

    TEST_CASE("the version is what valgrind says") {
        Surroundings here;
        CHECK_FALSE(kernel::find_valgrind());
        CHECK(kernel::valgrind_version(here.put("valgrind", script)) == "3.99.1");
        CHECK(kernel::find_valgrind());
        CHECK(kernel::valgrind_version(here.put("other", "#!/bin/sh\necho hello\n")).empty());
        CHECK(kernel::valgrind_version("/no/such/program").empty());
    }

    TEST_CASE("a valgrind that hangs, before or after it says its version, does not make its caller hang") {
        Surroundings here;
        const std::string path = "PATH=/bin:/usr/bin; ";
        const auto version = [&](const std::string& line) {
            return kernel::valgrind_version(here.put("valgrind", "#!/bin/sh\n" + path + line + "\n"));
        };
        CHECK(version("sleep 20; echo valgrind-3.99.1").empty());
        const std::string ended = here.temporary_folder() + "/ended";
        CHECK(version("echo valgrind-3.99.1; sleep 20; : > " + ended) == "3.99.1");
        CHECK_FALSE(std::filesystem::exists(ended));
    }

    TEST_CASE("the version does not depend on the options that the user gives valgrind by a variable") {
        const std::optional<std::string> valgrind = kernel::find_valgrind();
        REQUIRE(valgrind);
        const std::string version = kernel::valgrind_version(*valgrind);
        CHECK_FALSE(version.empty());
        setenv("VALGRIND_OPTS", "-v", 1);
        CHECK(kernel::valgrind_version(*valgrind) == version);
        unsetenv("VALGRIND_OPTS");
    }

    TEST_CASE("valgrind is asked with no signal blocked, whatever its caller has") {
        Surroundings here;
        sigset_t blocked;
        sigset_t before;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &blocked, &before);
        CHECK(
            kernel::valgrind_version(here.put("valgrind", "#!/bin/sh\nkill -TERM $$\necho valgrind-3.99.1\n")).empty());
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    TEST_CASE("a program is found as an exec would find it") {
        Surroundings here;
        here.put("plain", "no program\n");
        here.put("closed", "#!/bin/sh\n", 0644);
        here.put("lost", "#!/no/such/interpreter\n");
        const std::string good = here.put("good", "#! /bin/sh -e\n");
        CHECK(kernel::find_executable("good").value() == good);
        CHECK(failure_of("good") == 0);
        CHECK(failure_of("plain") == ENOEXEC);
        CHECK(failure_of("closed") == EACCES);
        CHECK(failure_of("lost") == ENOENT);
        CHECK(failure_of("nosuch") == ENOENT);
        CHECK(failure_of("/tmp") == EACCES);
        CHECK(failure_of("") == ENOENT);
        CHECK(failure_of("/bin/sh") == 0);
        CHECK(failure_of(good + "/below") == ENOTDIR);
    }
}
