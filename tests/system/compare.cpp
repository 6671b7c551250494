#include "process.hpp"

#include <doctest/doctest.h>

#include <string>

using process::pmcstat;
using process::read_file;
using process::scratch;

namespace {

std::string new_file() {
    static int number = 0;
    return scratch() + "/compare" + std::to_string(++number);
}

} // namespace

TEST_SUITE("compare") {
    TEST_CASE("commands run in turns, and back: A B, B A") {
        const std::string log = new_file();
        const Outcome outcome = pmcstat({"compare", "-r", "4", "-e", "page-faults", "sh -c 'echo a >>" + log + "'",
                                         "sh -c 'echo b >>" + log + "'"});
        CHECK_MESSAGE(outcome.status == 0, outcome.err);
        CHECK(read_file(log) == "a\nb\nb\na\na\nb\nb\na\n");
    }

    TEST_CASE("what is surely more is worse; what is the same program is not") {
        const std::string more = "sh -c 'head -c 8000000 /dev/zero | sort | wc -c'";
        const Outcome outcome = pmcstat({"compare", "-r", "8", "-e", "page-faults", "--format", "json", "true", more});
        CHECK_MESSAGE(outcome.status == 0, outcome.err);
        const Json report = Json::parse(outcome.out);
        const Json faults = find_by(report["sides"][1]["changes"], "name", "page-faults");
        CHECK(faults["verdict"] == "worse");
        CHECK(faults["change"]["change"].get<double>() > 1);
        const Outcome alike = pmcstat({"compare", "-r", "8", "-e", "page-faults", "true", "true"});
        CHECK_MESSAGE(!contains(alike.out, "worse"), alike.out);
    }

    TEST_CASE("what the commands write goes nowhere; the report goes to stdout") {
        const Outcome outcome = pmcstat({"compare", "-r", "2", "-e", "page-faults", "echo one", "echo two"});
        CHECK_FALSE(contains(outcome.out, "\none"));
        CHECK_MESSAGE(contains(outcome.out, "B vs A"), outcome.out);
        CHECK_MESSAGE(contains(outcome.out, "A: echo one"), outcome.out);
    }

    TEST_CASE("no shell runs them unless asked to") {
        CHECK(pmcstat({"compare", "-r", "2", "-e", "page-faults", "exit", "exit"}).status == 127);
        CHECK(pmcstat({"compare", "--shell", "-r", "2", "-e", "page-faults", "exit", "exit 0"}).status == 0);
    }

    TEST_CASE("a command that fails ends it with its status") {
        const Outcome outcome = pmcstat({"compare", "-r", "5", "-e", "page-faults", "true", "false"});
        CHECK(outcome.status == 1);
        CHECK_MESSAGE(contains(outcome.out, "B: run 0 ended with status 1"), outcome.out);
    }

    TEST_CASE("where the first fails before the second has run, that is told") {
        const Outcome outcome = pmcstat({"compare", "-r", "5", "-e", "page-faults", "false", "true"});
        CHECK(outcome.status == 1);
        CHECK_MESSAGE(contains(outcome.err, "A: run 0 ended with status 1"), outcome.err);
    }

    TEST_CASE("more than two: each beside the first, as Markdown too") {
        const Outcome outcome =
            pmcstat({"compare", "-r", "6", "-e", "page-faults", "--format", "markdown", "true", "true -x", "true -y"});
        CHECK(outcome.status == 0);
        CHECK_MESSAGE(contains(outcome.out, "|"), outcome.out);
        CHECK_MESSAGE(contains(outcome.out, "true -y"), outcome.out);
    }

    TEST_CASE("recorded results are compared without running anything") {
        const std::string a = new_file();
        const std::string b = new_file();
        for (const std::string& file : {a, b})
            REQUIRE(pmcstat({"-r", "6", "-e", "page-faults", "--format", "json", "-o", file, "--", "true"}).status ==
                    0);
        const Outcome outcome = pmcstat({"compare", "--results", a, b});
        CHECK_MESSAGE(outcome.status == 0, outcome.err);
        CHECK_MESSAGE(contains(outcome.out, "recorded"), outcome.out);
        Json other = Json::parse(read_file(b));
        other["cpu"]["id"] = "elsewhere-1";
        REQUIRE(process::run({"sh", "-c", "printf %s \"$1\" >\"$0\"", b, other.dump()}).status == 0);
        const Outcome refused = pmcstat({"compare", "--results", a, b});
        CHECK(refused.status == 125);
        CHECK_MESSAGE(contains(refused.err, "CPU"), refused.err);
    }

    TEST_CASE("mistakes are told before anything runs") {
        const std::string log = new_file();
        const std::string command = "touch " + log;
        CHECK(pmcstat({"compare"}).status == 125);
        CHECK(pmcstat({"compare", command}).status == 125);
        CHECK(pmcstat({"compare", command, "sh -c 'x"}).status == 125);
        CHECK(pmcstat({"compare", command, ""}).status == 125);
        CHECK(pmcstat({"compare", "-r", "0", command, command}).status == 125);
        CHECK(pmcstat({"compare", "-e", "nosuchthing", command, command}).status == 125);
        CHECK(pmcstat({"compare", "-o", scratch() + "/no/folder", command, command}).status == 125);
        CHECK(pmcstat({"compare", "--results", "a.json"}).status == 125);
        CHECK(pmcstat({"compare", "--results", "-e", "ipc", "a.json", "b.json"}).status == 125);
        CHECK_FALSE(process::exists(log));
    }
}
