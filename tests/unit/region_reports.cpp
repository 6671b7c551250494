#include "region_reports.hpp"

#include "environment_variable.hpp"
#include "report_csv.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

using cli::RegionReports;
using pmc::Result;
using pmc::test::EnvironmentVariable;
using pmc::test::ScratchTree;

namespace {

constexpr std::string_view document = R"({"schema": "pmcstat/1", "cpu": {}, "run": {"mode": "user"}, "samples": [
{"scope": "region", "id": "NAME", "end_s": 0.5, "region": {"pid": 1, "calls": 1, "time_s": 0.5},
 "events": [{"name": "NAME", "state": "counted", "raw": 7, "enabled_ns": 5, "running_ns": 5}]}], "notes": ["NAME"]})";

std::string report_of(std::string_view name) {
    std::string text(document);
    for (std::size_t at = text.find("NAME"); at != std::string::npos; at = text.find("NAME"))
        text.replace(at, 4, name);
    return text;
}

/// What a command's processes have left for pmcstat.
class Left {
public:
    Left() {
        const EnvironmentVariable place("TMPDIR", tree_.root());
        unsetenv("PMC_REPORT");
        reports_.emplace(std::nullopt);
        const std::string variable = reports_->variable();
        REQUIRE(variable.starts_with(tree_.root()));
        folder_ = variable.substr(tree_.root().size());
        folder_.resize(folder_.rfind('/') + 1);
    }

    void report(int pid, std::string_view text) { tree_.write(file(pid), text); }
    /// A file of nothing, so long.
    void blank(int pid, std::size_t size) {
        report(pid, "");
        std::filesystem::resize_file(tree_.root() + file(pid), size);
    }
    [[nodiscard]] Result collect() const {
        Result run;
        run.run.mode = "user";
        reports_->collect(run);
        return run;
    }
    [[nodiscard]] bool is_empty() const { return std::filesystem::is_empty(tree_.root() + folder_); }

private:
    [[nodiscard]] std::string file(int pid) const { return folder_ + std::to_string(pid) + ".json"; }

    ScratchTree tree_;
    std::string folder_;
    std::optional<RegionReports> reports_; ///< gone before the folder that it is in
};

bool has_note(const Result& run, std::string_view note) {
    return std::ranges::find(run.notes, note) != run.notes.end();
}

} // namespace

TEST_SUITE_BEGIN("region_reports");

TEST_CASE("what the processes of a command report is added in the order of their pids, under these") {
    Left left;
    left.report(20, report_of("second"));
    left.report(3, report_of("first"));
    const Result run = left.collect();
    REQUIRE(run.samples.size() == 2);
    CHECK(run.samples[0].id == "first");
    CHECK(run.samples[0].region->pid == 3);
    CHECK(run.samples[1].id == "second");
    CHECK(run.samples[1].region->pid == 20);
    CHECK(left.is_empty());
}

TEST_CASE("no text that a command reports has what a terminal would obey, in no form of the report") {
    Left left;
    left.report(1, report_of(R"(\u001b[2J\u009b\u202e)"));
    const Result run = left.collect();
    REQUIRE(run.samples.size() == 1);
    CHECK(has_note(run, "?[2J?????"));
    for (const std::string& text : {run.to_json(), cli::csv_report(run)}) {
        CAPTURE(text);
        CHECK(text.find("?[2J?????") != std::string::npos);
        for (const char* const control : {"\x1b", "\\u001b", "\u009b", "\u202e"})
            CHECK(text.find(control) == std::string::npos);
    }
}

TEST_CASE("no more than 1024 reports of a run are read, and it is told how many are lost") {
    Left left;
    for (int pid = 1; pid <= 1030; ++pid)
        left.report(pid, report_of("name"));
    const Result run = left.collect();
    CHECK(run.samples.size() == 1024);
    CHECK(run.samples.back().region->pid == 1024);
    CHECK(has_note(run, "the regions of 6 more processes are lost: no more than 1024 reports, or 256 MiB, are read"));
    CHECK(left.is_empty());
    left.report(1030, report_of("name"));
    CHECK(left.collect().samples.size() == 1); // of the next run
}

TEST_CASE("no more than 256 MiB of a run's reports are read, and it is told how many are lost") {
    constexpr std::size_t longest = std::size_t{64} << 20;
    Left left;
    for (int pid = 1; pid <= 4; ++pid)
        left.blank(pid, longest);
    for (int pid = 5; pid <= 7; ++pid)
        left.report(pid, report_of("name"));
    const Result run = left.collect();
    CHECK(run.samples.empty());
    CHECK(has_note(run, "the regions of 3 more processes are lost: no more than 1024 reports, or 256 MiB, are read"));
    CHECK(left.is_empty());
}

TEST_CASE("of a report that is too long, or is none, the others suffer nothing") {
    Left left;
    left.blank(1, std::size_t{1} << 40);
    left.report(2, "{");
    left.report(3, report_of("name"));
    const Result run = left.collect();
    REQUIRE(run.samples.size() == 1);
    CHECK(run.samples[0].region->pid == 3);
    CHECK(has_note(run, "the regions of pid 1 are lost: File too large"));
    CHECK(run.notes.size() == 3);
    CHECK(run.notes[1].starts_with("the regions of pid 2 are lost: "));
}

TEST_SUITE_END();
