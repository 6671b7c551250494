#include "explain.hpp"

#include "text_line.hpp"

#include <doctest/doctest.h>

using namespace pmc;
using cli::explain;

namespace {

Result result() {
    Result result;
    result.run.argv = {"./app"};
    result.run.elapsed_s = 1.5;
    Sample sample;
    sample.id = "4121";
    sample.end_s = 1.5;
    sample.events = {{"instructions", "armv8_pmuv3/event=0x8/", Count(9'843'000'000, 1821, 1821), 1, "", 0, false, {}},
                     {"cycles", "armv8_pmuv3/event=0x11/", Count(6'112'000'000, 1821, 1700), 1, "", 0, true, {}},
                     {"energy", "power/event=1/", Count(70, 10, 10), 0.25, "Joules", 1, true, {}},
                     {"llc_misses", "", Count(0, 0, 0, State::not_available), 1, "", -1, false,
                      Reason{Cause::not_on_this_cpu, 2, "no such event", "see pmcstat list"}}};
    MetricValue ipc;
    ipc.id = ipc.metric = ipc.label = "ipc";
    ipc.unit = "insn/cycle";
    ipc.number = 1.61;
    ipc.state = State::counted;
    ipc.coverage = 0.93;
    ipc.note = "what it counts";
    ipc.group = 0;
    ipc.operands = {{"instructions", "instructions", 9.843e9, ""}, {"cycles", "cycles", 6.112e9, ""}};
    MetricValue mpki;
    mpki.id = "llc.mpki";
    mpki.metric = "llc";
    mpki.reason = {Cause::part_missing, 0, "llc_misses: no such event", "see pmcstat list"};
    sample.metrics = {ipc, mpki};
    result.samples = {sample};
    return result;
}

/// A warm-up, and runs that are the same but for the last one's ipc.
Result runs(int number) {
    Result repeated = result();
    const auto size = static_cast<std::size_t>(number);
    repeated.runs.assign(size, repeated.run);
    repeated.runs[0].warmup = true;
    repeated.repeats = Result::Repeats{static_cast<unsigned>(number - 1), 1, 0, 0, ""};
    repeated.samples.assign(size, repeated.samples.front());
    for (int run = 0; run < number; ++run) {
        Sample& sample = repeated.samples[static_cast<std::size_t>(run)];
        sample.run = run;
        sample.id = std::to_string(4121 + run);
        repeated.runs[static_cast<std::size_t>(run)].elapsed_s = 1 + run;
    }
    repeated.samples.back().metrics[0].number = 3;
    return repeated;
}

std::string explained(const Result& of, std::string_view name, std::span<const MetricInfo> known = {}) {
    const Expected<std::string> text = explain(of, name, known);
    REQUIRE(text);
    return *text;
}

} // namespace

TEST_SUITE("explain") {
    TEST_CASE("a metric: its value, what it is made of, and its events with encodings, raw counts and times") {
        const std::string text = explained(result(), "ipc");
        CHECK(text.starts_with("ipc: insn/cycle\n"));
        CHECK(line_with(text, "value ") == "  value     counted 93.0 %: 1.61");
        CHECK(line_with(text, "made of") == "  made of   9.843 G instructions (instructions), 6.112 G cycles (cycles)");
        CHECK(line_with(text, "quality") == "  quality   exact, per task, measured");
        CHECK(line_with(text, "note") == "  note      what it counts");
        CHECK(line_with(text, "armv8_pmuv3/event=0x11/") ==
              "    cycles        armv8_pmuv3/event=0x11/  6,112,000,000       1,821       1,700   93.4 %      0");
        CHECK(line_with(text, "event=0x8/").find("  9,843,000,000  ") != std::string::npos);
        CHECK(text.find("energy") == std::string::npos);
        CHECK(text.find("run ") == std::string::npos);
    }

    TEST_CASE("what the tables know: the formula, and which variant") {
        MetricInfo info;
        info.id = "llc";
        MetricInfo::OnCore core;
        core.table = "neoverse-n1";
        core.variant = 2;
        core.values = {{"llc.mpki", "llc miss", "misses/kinsn", "lower", "1000 * llc_misses / instructions", {}}};
        core.lets = {{"width", "8"}};
        MetricInfo::Role role;
        role.role = "llc_misses";
        core.roles = {role};
        info.cores = {core};
        const std::string text = explained(result(), "llc.mpki", std::vector{info});
        CHECK(line_with(text, "formula") == "  formula   1000 * llc_misses / instructions");
        CHECK(line_with(text, "variant").starts_with("  variant   2 of table neoverse-n1"));
        CHECK(text.find("where width = 8") != std::string::npos);
        CHECK(line_with(text, "  value").ends_with("n/a: llc_misses: no such event; see pmcstat list"));
        CHECK(line_with(text, "no encoding").ends_with("n/a: no such event; see pmcstat list"));
        CHECK(explained(result(), "llc").starts_with("llc.mpki: "));
    }

    TEST_CASE("a metric of the user's own has its formula in the document") {
        Result own = result();
        own.samples[0].metrics[0].formula = "instructions / cycles";
        CHECK(line_with(explained(own, "ipc"), "formula") == "  formula   instructions / cycles");
    }

    TEST_CASE("an event, its scale, and the time") {
        const std::string energy = explained(result(), "energy");
        CHECK(energy.starts_with("energy: an event\n"));
        CHECK(line_with(energy, "value ") == "  value     17.5 Joules");
        CHECK(energy.find("    energy: one count is 0.25 Joules\n") != std::string::npos);
        CHECK(line_with(explained(result(), "time"), "value ") == "  value     1.500 s");
    }

    TEST_CASE("of repeated runs each value is told, with what became of the run") {
        const std::string text = explained(runs(11), "ipc");
        CHECK(line_with(text, "median") == "  median    1.61 of 10 runs, 95 % CI +-0 %, min .. max 1.61 .. 3.00");
        CHECK(text.find("\n      0      -  warm-up, not counted\n") != std::string::npos);
        CHECK(text.find("\n      1   1.61\n") != std::string::npos);
        CHECK(line_with(text, "value ").ends_with("3.00  (run 10)"));
        CHECK(text.find("\n     10   3.00  far from the others\n") != std::string::npos);
        CHECK(explained(runs(11), "cycles").find("\n      1  6.547 G\n") != std::string::npos);
        CHECK(explained(runs(11), "time").find("\n      1  2.000 s\n") != std::string::npos);
        Result disturbed = runs(4);
        disturbed.runs[2].disturbed = "migrated though pinned";
        CHECK(explained(disturbed, "ipc").find("\n      2      -  not counted: migrated though pinned\n") !=
              std::string::npos);
    }

    TEST_CASE("of what measure() found, the median over its runs") {
        Result measured = result();
        measured.samples[0].scope = "measure";
        measured.samples[0].id.clear();
        measured.statistics = {
            {"ipc", "", "", "", "insn/cycle", "measured", {50, 1.5, 1.61, 2, {1.6, 1.62, 0.96}}, {}}};
        CHECK(line_with(explained(measured, "ipc"), "median") ==
              "  median    1.61 of 50 runs, 95 % CI +-0.6 %, min .. max 1.50 .. 2.00");
    }

    TEST_CASE("the run that tells most is the one whose events are shown") {
        Result passes = result();
        passes.runs.assign(2, passes.run);
        Sample other = passes.samples[0];
        other.run = 1;
        other.metrics.clear();
        other.events.clear();
        passes.samples.push_back(other);
        CHECK(explained(passes, "ipc").starts_with("ipc: insn/cycle\n"));
    }

    TEST_CASE("a row for each region or CPU") {
        Result rows = result();
        rows.samples[0].scope = "cpu";
        rows.samples[0].id = "3";
        CHECK(explained(rows, "ipc").starts_with("cpu 3\nipc: "));
    }

    TEST_CASE("an unknown name is an error with those that there are, the nearest first") {
        const Expected<std::string> text = explain(result(), "llc.mkpi\x1b");
        REQUIRE_FALSE(text);
        CHECK(text.error().kind() == ErrorKind::unknown_name);
        CHECK(text.error().message() == "nothing was measured by the name \"llc.mkpi?\"");
        CHECK(text.error().hint() == "it has llc.mpki, ipc, cycles, energy, time");
    }
}
