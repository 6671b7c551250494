// What PMC_REPORT names, when the program ends.
#include "region_child.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace region_child;

TEST_SUITE("exit_report") {
    TEST_CASE("a bad PMC_TABLES is told in the report, too") {
        setenv("PMC_TABLES", "/proc/no/such/tables.json", 1);
        setenv("PMC_REPORT", "/dev/null", 1);
        const std::string text = in_child([] {
            { const pmc::Scope scope{parse}; }
            return lines();
        });
        unsetenv("PMC_REPORT");
        unsetenv("PMC_TABLES");
        CHECK(contains(text, "region parse calls 1 "));
        CHECK(contains(text, "/proc/no/such/tables.json"));
    }

    TEST_CASE("a report that nobody reads does not end the program") {
        setenv("PMC_REPORT", "-", 1);
        std::fflush(nullptr);
        const pid_t program = fork();
        if (program == 0) {
            { const pmc::Scope scope{parse}; }
            int ends[2];
            if (pipe(ends) == 0) {
                dup2(ends[1], STDERR_FILENO);
                close(ends[0]);
            }
            std::exit(7);
        }
        int status = 0;
        waitpid(program, &status, 0);
        unsetenv("PMC_REPORT");
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 7);
    }

    TEST_CASE("a report does not go through another user's link, nor over a file that somebody put beside it") {
        if (geteuid() != 0)
            return; // only root can make a link of somebody else's
        const Folder folder;
        const std::string victim = std::string(folder.path) + "/victim";
        const std::string report = std::string(folder.path) + "/report.json";
        std::ofstream(victim) << "precious";
        REQUIRE(symlink(victim.c_str(), report.c_str()) == 0);
        REQUIRE(lchown(report.c_str(), 65534, 65534) == 0);
        setenv("PMC_REPORT", report.c_str(), 1);
        std::fflush(nullptr);
        const pid_t program = fork();
        if (program == 0) {
            std::ofstream(report + ".part." + std::to_string(getpid())) << "in the way";
            { const pmc::Scope scope{parse}; }
            std::exit(0);
        }
        waitpid(program, nullptr, 0);
        unsetenv("PMC_REPORT");
        CHECK(read_file(victim) == "precious");
    }

    TEST_CASE("PMC_REPORT is where it was when the program began, whatever folder it changes to") {
        const Folder folder;
        setenv("PMC_REPORT", "relative.json", 1);
        std::fflush(nullptr);
        const pid_t program = fork();
        if (program == 0) {
            const bool there = chdir(folder.path) == 0;
            { const pmc::Scope scope{parse}; }
            std::exit(there && chdir("/") == 0 ? 0 : 1);
        }
        waitpid(program, nullptr, 0);
        unsetenv("PMC_REPORT");
        CHECK(contains(read_file(std::string(folder.path) + "/relative.json"), "\"parse\""));
    }

    TEST_CASE("PMC_REPORT is written at exit: %p is the pid, and a child does not write over its parent's") {
        const Folder folder;
        const std::string plain = std::string(folder.path) + "/plain.json";
        setenv("PMC_EVENTS", "page-faults", 1);
        setenv("PMC_REPORT", plain.c_str(), 1);
        std::fflush(nullptr);
        const pid_t program = fork();
        if (program == 0) {
            { const pmc::Scope scope{parse}; }
            const pid_t child = fork();
            if (child == 0) {
                { const pmc::Scope scope{row}; }
                std::exit(0);
            }
            waitpid(child, nullptr, 0);
            std::ofstream(std::string(folder.path) + "/child") << child;
            std::exit(0);
        }
        int status = 0;
        waitpid(program, &status, 0);
        CHECK(WIFEXITED(status));
        const std::string child = read_file(std::string(folder.path) + "/child");
        CHECK(contains(read_file(plain), "\"parse\""));
        CHECK_FALSE(contains(read_file(plain), "\"row\""));
        CHECK(contains(read_file(plain + "." + child), "\"row\""));

        setenv("PMC_REPORT", (std::string(folder.path) + "/%p-100%%.json").c_str(), 1);
        const pid_t other = fork();
        if (other == 0) {
            { const pmc::Scope scope{parse}; }
            std::exit(0);
        }
        waitpid(other, nullptr, 0);
        CHECK(contains(read_file(std::string(folder.path) + '/' + std::to_string(other) + "-100%.json"), "\"parse\""));

        setenv("PMC_REPORT", "/proc/no/such/folder.json", 1);
        const pid_t last = fork();
        if (last == 0) {
            { const pmc::Scope scope{parse}; }
            std::exit(7);
        }
        waitpid(last, &status, 0);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 7);
        unsetenv("PMC_REPORT");
        unsetenv("PMC_EVENTS");
    }
}
