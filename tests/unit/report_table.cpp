#include "report_table.hpp"

#include "report_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pmc;

namespace {

Sample cpu(const std::string& id, std::uint64_t faults) {
    Sample sample;
    sample.scope = "cpu";
    sample.id = id;
    sample.end_s = 0.5;
    sample.events = {{"page-faults", "software/config=0x2/", Count(faults, 10, 10), 1.0, "", 0, true, {}}};
    return sample;
}

Result result_of(std::vector<Sample> samples) {
    Result result;
    result.run.target = "CPUs 0-1";
    result.samples = std::move(samples);
    return result;
}

std::string text_of(std::vector<Sample> samples, int columns = 100) {
    return cli::text_report(result_of(std::move(samples)), false, columns);
}

} // namespace

TEST_SUITE("report_table") {
    TEST_CASE("columns are as wide as their widest value") {
        CHECK(text_of({cpu("0", 5), cpu("1", 123'456'789'012)}) == "pmcstat: CPUs 0-1, user+kernel\n"
                                                                   "  cpu  page-faults\n"
                                                                   "  0              5\n"
                                                                   "  1        123.5 G\n"
                                                                   "  time           500.0 ms\n");
    }

    TEST_CASE("a table that is too wide becomes blocks") {
        const std::string text = text_of({cpu("0", 5), cpu("1", 7)}, 12);
        CHECK(text.find("  cpu 0\n  page-faults    5") != std::string::npos);
        CHECK(text.find("  cpu 1\n  page-faults    7") != std::string::npos);
    }

    TEST_CASE("threads have their names, cgroups' CPUs their cgroup; of both nothing can spoil the terminal") {
        Sample thread = cpu("4121", 1);
        thread.scope = "thread";
        thread.name = "evil\x1b[2J";
        CHECK(text_of({thread}).find("  thread  name      page-faults\n  4121    evil?[2J  ") != std::string::npos);
        Sample of_cgroup = cpu("0", 1);
        of_cgroup.cgroup = "user.slice";
        CHECK(text_of({of_cgroup, of_cgroup}).find("  cgroup      cpu  page-faults\n  user.slice  0  ") !=
              std::string::npos);
    }

    TEST_CASE("columns of several core types are told apart; a row without one is empty there") {
        Sample p = cpu("0", 1);
        Sample e = cpu("1", 2);
        p.events[0].core = "cpu_core";
        e.events[0].core = "cpu_core";
        e.events[0].name = "other";
        const std::string text = text_of({p, e});
        CHECK(text.find("page-faults (cpu_core)") != std::string::npos);
        CHECK(text.find("\n  1\n") != std::string::npos);
    }

    TEST_CASE("a reason that several columns share stands once, with their names") {
        Sample sample = cpu("0", 0);
        sample.events.push_back(sample.events[0]);
        sample.events[1].name = "minor-faults";
        for (EventCount& event : sample.events) {
            event.count = Count(0, 0, 0, State::not_available);
            event.reason = {Cause::paranoid, 13, "not for this user", "ask for it"};
        }
        const std::string text = text_of({sample, sample});
        CHECK(text.find("  page-faults, minor-faults: not for this user\n") != std::string::npos);
        CHECK(text.find("  hint: ask for it\n") != std::string::npos);
        CHECK(text.find("n/a") != std::string::npos);
    }

    TEST_CASE("a recording of intervals is a table over time, and its summary a report of its own") {
        Sample first = cpu("0-1", 1);
        first.scope = "system";
        Sample second = first;
        second.start_s = 0.5;
        second.end_s = 1;
        Sample summary = first;
        summary.end_s = 1;
        summary.summary = true;
        const std::string text = text_of({first, second, summary});
        CHECK(text.find("  +0.500s             1\n  +1.000s             1\n\npmcstat: CPUs") != std::string::npos);
        CHECK(text.ends_with("  time           1.000 s\n"));
    }

    TEST_CASE("a command beside a target only says for how long: its times are not those of what was counted") {
        Result result = result_of({cpu("0-1", 1)});
        result.samples[0].scope = "system";
        result.run.argv = {"sleep", "1"};
        result.run.status = 3;
        result.run.user_s = 9;
        const std::string text = cli::text_report(result, false);
        CHECK(text.starts_with("pmcstat: CPUs 0-1, while sleep 1 ran, status 3, user+kernel\n"));
        CHECK(text.find("user 9") == std::string::npos);
    }

    TEST_CASE("notes are shown below") {
        Result result = result_of({cpu("0", 1), cpu("1", 1)});
        result.notes = {"CPU 2 is offline"};
        CHECK(cli::text_report(result, false).ends_with("  note: CPU 2 is offline\n"));
    }

    TEST_CASE("times since the start have no locale and no limit") {
        CHECK(cli::time_text(0) == "+0.000s");
        CHECK(cli::time_text(1.0004) == "+1.000s");
        CHECK(cli::time_text(123456.789) == "+123456.789s");
    }
}
