// Reports for machines, as a script meets them. perf's shapes are compared with perf's own lines.
#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

using process::pmcstat;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        if (!line.empty())
            lines.push_back(line);
    return lines;
}

std::vector<std::string> fields_of(const std::string& line, char separator) {
    std::vector<std::string> fields;
    std::istringstream stream(line + separator);
    for (std::string field; std::getline(stream, field, separator);)
        fields.push_back(field);
    return fields;
}

/// The report on stderr of perf stat, which is in the lab and on this machine.
std::vector<std::string> perf(std::vector<std::string> options) {
    std::vector<std::string> argv{"perf", "stat"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back("true");
    const Outcome outcome = process::run(argv);
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    return lines_of(outcome.err);
}

} // namespace

TEST_SUITE("report forms") {
    TEST_CASE("-x: as many fields as perf writes, with the same units and names") {
        const std::string events = "task-clock,page-faults,minor-faults";
        const std::vector<std::string> theirs = perf({"-x,", "-e", events});
        const Outcome outcome = pmcstat({"-x,", "-e", events, "--", "true"});
        CHECK(outcome.status == 0);
        const std::vector<std::string> ours = lines_of(outcome.err);
        REQUIRE(ours.size() == theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const std::vector<std::string> mine = fields_of(ours[i], ',');
            const std::vector<std::string> perfs = fields_of(theirs[i], ',');
            CAPTURE(ours[i]);
            REQUIRE(mine.size() == perfs.size());
            CHECK(mine[1] == perfs[1]);
            // User mode may be all that perf was allowed to count, and then it says so.
            CHECK(mine[2] == perfs[2].substr(0, perfs[2].find(':')));
            CHECK(mine[4] == "100.00");
            CHECK(mine[0].find_first_not_of("0123456789.") == std::string::npos);
            CHECK((mine[0].find('.') == std::string::npos) == (perfs[0].find('.') == std::string::npos));
        }
    }

    TEST_CASE("-j: the keys of perf, in its order") {
        const std::vector<std::string> theirs = perf({"-j", "-e", "task-clock,page-faults"});
        const std::vector<std::string> ours =
            lines_of(pmcstat({"-j", "-e", "task-clock,page-faults", "--", "true"}).err);
        REQUIRE(ours.size() == theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const auto mine = nlohmann::ordered_json::parse(ours[i]);
            const auto perfs = nlohmann::ordered_json::parse(theirs[i]);
            std::vector<std::string> keys;
            for (const auto& [key, value] : mine.items())
                keys.push_back(key);
            std::vector<std::string> expected;
            for (const auto& [key, value] : perfs.items())
                expected.push_back(key);
            CHECK(keys == expected);
            CHECK(mine["counter-value"].is_string());
            CHECK(mine["unit"] == perfs["unit"]);
        }
    }

    TEST_CASE("--format csv: each row has the fields of the header") {
        const std::vector<std::string> lines =
            lines_of(pmcstat({"--format", "csv", "-e", "task-clock,cpu", "--", "true"}).err);
        REQUIRE(lines.size() > 3);
        CHECK(lines[0].starts_with("run,scope,id,"));
        const auto columns = std::count(lines[0].begin(), lines[0].end(), ',');
        for (const std::string& line : lines)
            CHECK(std::count(line.begin(), line.end(), ',') == columns);
    }

    TEST_CASE("a report has one form, and says what the forms are") {
        for (const std::vector<std::string>& both :
             {std::vector<std::string>{"-j", "-x,"}, {"-j", "--format", "json"}, {"-x,", "--format", "csv"}}) {
            std::vector<std::string> arguments = both;
            arguments.insert(arguments.end(), {"--", "true"});
            const Outcome outcome = pmcstat(arguments);
            CHECK(outcome.status == 125);
            CHECK(contains(outcome.err, "one form"));
        }
        CHECK(contains(pmcstat({"-x", "", "--", "true"}).err, "separator is empty"));
        CHECK(contains(pmcstat({"--format", "xml", "--", "true"}).err, "csv"));
    }
}
