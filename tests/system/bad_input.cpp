#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <unistd.h>

using process::pmcstat;

namespace {

/// pmcstat must refuse: 125, one error line, nothing on stdout, and the command must not have run.
std::string refusal(std::vector<std::string> arguments) {
    const std::string witness = process::scratch() + "/witness";
    unlink(witness.c_str());
    arguments.insert(arguments.end(), {"touch", witness});
    const Outcome outcome = pmcstat(arguments);
    CAPTURE(outcome.err);
    CHECK(outcome.status == 125);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.starts_with("pmcstat: error: "));
    CHECK_FALSE(process::exists(witness));
    return outcome.err;
}

} // namespace

TEST_SUITE("bad input") {
    TEST_CASE("an unknown event or metric suggests the nearest") {
        CHECK(contains(refusal({"-e", "cycels"}), "cycles"));
        CHECK(contains(refusal({"-e", "ipd"}), "ipc"));
        CHECK(contains(refusal({"-e", "task-clock,page-fault"}), "page-faults"));
        refusal({"-e", "nosuchpmu/event=1/"});
        refusal({"-e", "software/nosuchterm=1/"});
    }

    TEST_CASE("a list that can't be read points at the place") {
        for (const char* const list : {"", ",", "cycles,,instructions", "{cycles", "cycles}", "{}", "a=", "=b",
                                       "x=cycles+", "x=(cycles", "x=min(", "x=cycles instructions", "x=1..2"})
            refusal({"-e", list});
        CHECK(contains(refusal({"-e", "cycles,,instructions"}), "^"));
    }

    TEST_CASE("hostile lists are refused, not crashed on") {
        refusal({"-e", std::string(5000, '{')});
        refusal({"-e", "x=" + std::string(5000, '(')});
        refusal({"-e", std::string(100000, 'a')});
        refusal({"-e", "\x01\xff\xfe,\x7f"});
        refusal({"-e", "%s%n%s%n"});
    }

    TEST_CASE("options that do not exist or lack a value") {
        CHECK(contains(refusal({"--no-such-option"}), "--no-such-option"));
        refusal({"--format", "xml"});
        refusal({"--log-level", "loud"});
        CHECK(pmcstat({"-e"}).status == 125);
        CHECK(pmcstat({"-p"}).status == 125);
        CHECK(pmcstat({"-I", "-a"}).status == 125);
    }

    TEST_CASE("an output that can't be written is said before the command runs") {
        CHECK(contains(refusal({"-o", "/no/such/folder/report"}), "/no/such/folder/report"));
        refusal({"-o", "/"});
        refusal({"-o", "/proc/version"});
    }

    TEST_CASE("a table that is wrong: one line says where, and the command does not run") {
        const std::string file = process::scratch() + "/mine.json";
        const auto write = [&](const std::string& text) { std::ofstream(file) << text; };
        const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };

        write(
            R"({"metrics": {"x": {"title": "a", "read": "b", "source": "c", "unit": "u", "label": "l", "formula": "1 +"}}})");
        const std::string wrong = refusal({"--tables", file, "-e", "task-clock"});
        CHECK(contains(wrong, file + ": metrics.x.formula: "));
        CHECK(contains(wrong, "  hint: "));
        CHECK(lines(wrong) == 2);
        // Also where no metric was asked for.
        CHECK(refusal({"--tables", file}) == wrong);
        const Outcome list = pmcstat({"list", "--tables", file, "ipc"});
        CHECK(list.status == 125);
        CHECK(list.err == wrong);
        CHECK(list.out.empty());

        write(std::string(100'000, '['));
        CHECK(contains(refusal({"--tables", file}), "64 deep"));
        write("");
        CHECK(contains(refusal({"--tables", file}), file + ": not JSON: line 1, column 1"));
        CHECK(contains(refusal({"--tables", "/no/such/file"}), "/no/such/file: No such file or directory"));
        CHECK(contains(refusal({"--tables", "/"}), "/: Is a directory"));
        CHECK(lines(refusal({"--tables", ""})) == 2);
        CHECK(pmcstat({"--tables"}).status == 125);
    }

    TEST_CASE("a wrong table of PMC_TABLES says that the name came from there") {
        process::Setting setting;
        setting.in_child = [] { setenv("PMC_TABLES", "/no/such/file", 1); };
        for (const std::vector<std::string>& arguments :
             {std::vector<std::string>{"-e", "task-clock", "echo", "ran"}, {"echo", "ran"}, {"list", "ipc"}}) {
            const Outcome outcome = pmcstat(arguments, setting);
            CHECK(outcome.status == 125);
            CHECK(outcome.out.empty());
            CHECK(contains(outcome.err, "/no/such/file"));
            CHECK(contains(outcome.err, "hint: PMC_TABLES"));
        }
    }

    TEST_CASE("a report that can't be written leaves nothing half-written") {
        const Outcome full = pmcstat({"-o", "/dev/full", "-e", "task-clock", "true"});
        CHECK(full.status == 125);
        CHECK(contains(full.err, "/dev/full"));
        // The command's own failure comes first.
        CHECK(pmcstat({"-o", "/dev/full", "-e", "task-clock", "sh", "-c", "exit 3"}).status == 3);
    }

    TEST_CASE("with -o nothing but the report's file appears") {
        const std::string folder = process::scratch() + "/out";
        process::run({"mkdir", folder});
        const Outcome outcome = pmcstat({"-o", folder + "/report", "-e", "task-clock", "true"});
        CHECK(outcome.status == 0);
        CHECK(outcome.err.empty());
        CHECK(contains(process::read_file(folder + "/report"), "task-clock"));
        CHECK(process::run({"ls", folder}).out == "report\n");
        // A command that is not there leaves the old report as it was.
        CHECK(pmcstat({"-o", folder + "/report", "no-such-program"}).status == 127);
        CHECK(contains(process::read_file(folder + "/report"), "task-clock"));
        CHECK(process::run({"ls", folder}).out == "report\n");
    }

    TEST_CASE("while the command runs nothing lies beside the report's file") {
        const std::string folder = process::scratch() + "/clean";
        process::run({"mkdir", folder});
        CHECK(pmcstat({"-o", folder + "/report", "-e", "task-clock", "ls", folder}).out.empty());
    }

    TEST_CASE("-o /dev/stdout does not take the place of what the command writes there") {
        const Outcome outcome = pmcstat({"-o", "/dev/stdout", "-e", "task-clock", "echo", "hello"});
        CHECK(outcome.status == 0);
        CHECK(outcome.out.starts_with("hello\n"));
        CHECK(contains(outcome.out, "task-clock"));
    }

    TEST_CASE("a file that may be written is replaced in place where its folder may not be") {
        const std::string folder = process::scratch() + "/closed";
        const std::string file = folder + "/report";
        process::run({"mkdir", folder});
        process::run({"sh", "-c", "printf %10000s x > " + file + "; chmod 666 " + file + "; chmod 555 " + folder});
        process::Setting setting;
        setting.in_child = [] {
            if (geteuid() == 0 && setuid(65534) != 0)
                _exit(99);
        };
        CHECK(pmcstat({"-o", file, "-e", "faults:u", "true"}, setting).status == 0);
        const std::string report = process::read_file(file);
        CHECK(report.starts_with("pmcstat: true"));
        CHECK(report.ends_with("\n"));
        process::run({"chmod", "755", folder});
    }

    TEST_CASE("with a standard stream closed no message lands in a file of pmcstat's") {
        process::Setting setting;
        setting.in_child = [] { close(STDERR_FILENO); };
        const std::string file = process::scratch() + "/alone";
        CHECK(pmcstat({"--log-level", "debug", "-o", file, "-e", "task-clock", "true"}, setting).status == 0);
        CHECK(process::read_file(file).starts_with("pmcstat: true"));
        CHECK(pmcstat({"-e", "task-clock", "true"}, setting).status == 125);
    }

    TEST_CASE("a thousand events are a list like any other") {
        std::string list = "task-clock";
        for (int i = 1; i < 1000; ++i)
            list += ",r" + std::to_string(i % 100);
        const Outcome outcome = pmcstat({"--format", "json", "-e", list, "true"});
        CHECK(outcome.status == 0);
        CHECK(find_by(Json::parse(outcome.err)["samples"][0]["events"], "name", "task-clock")["raw"] > 0);
    }

    TEST_CASE("a division by zero is no value, and no failure") {
        const Outcome outcome = pmcstat({"-e", "x=task_clock/0", "true"});
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "zero"));
    }
}
