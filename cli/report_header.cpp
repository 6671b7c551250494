#include "report_header.hpp"

#include "number.hpp"
#include "report_repeats.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fmt/format.h>
#include <set>
#include <string_view>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::Result;
using pmc::Sample;
using pmc::record::percent_text;
using pmc::record::printable;

std::string command_text(const std::vector<std::string>& argv) {
    constexpr std::size_t most = 40;
    std::string text = printable(fmt::format("{}", fmt::join(argv, " ")));
    return text.size() <= most ? text : text.substr(0, most - 3) + "...";
}

std::string status_text(int status) {
    if (status == 0)
        return {};
    const char* const name = status > 128 ? sigabbrev_np(status - 128) : nullptr;
    return name != nullptr ? fmt::format(", status {} (SIG{})", status, name) : fmt::format(", status {}", status);
}

/// The least coverage of what was counted on a PMU, and how many groups that took.
struct Counted {
    std::set<int> groups;
    double coverage = 1.0;
};

Counted counted_on_pmu(const std::vector<Sample>& samples) {
    Counted counted;
    for (const Sample& sample : samples) {
        for (const EventCount& event : sample.events) {
            if (!event.has_value() || event.encoding.starts_with("software/"))
                continue;
            counted.groups.insert(event.group);
            counted.coverage = std::min(counted.coverage, event.count.coverage());
        }
    }
    return counted;
}

/// A document written by hand need not say what ran.
std::string who(const Result& result) {
    const Result::Run& run = result.run;
    if (run.target.empty() && result.repeats && !run.argv.empty())
        return fmt::format("{}   {}", command_text(run.argv), runs_text(result));
    if (run.target.empty())
        return run.argv.empty()
                   ? "a recording without a command" + status_text(run.status)
                   : fmt::format("{}   pid {}{}", command_text(run.argv), run.pid, status_text(run.status));
    constexpr std::size_t most = 60;
    std::string target = printable(run.target);
    if (target.size() > most)
        target = target.substr(0, most - 3) + "...";
    if (result.repeats && !run.argv.empty())
        return fmt::format("{}, while {} ran: {}", target, command_text(run.argv), runs_text(result));
    return run.argv.empty()
               ? target
               : fmt::format("{}, while {} ran{}", target, command_text(run.argv), status_text(run.status));
}

bool is_model(const Result& result) noexcept {
    return result.run.backend == "model";
}

} // namespace

std::string header_line(const Result& result, const std::vector<Sample>& samples) {
    std::string text = "pmcstat: " + who(result);
    if (result.no_pmu)
        return text + fmt::format("{}   NO HARDWARE COUNTERS: {}\n", quiet_text(result.run),
                                  printable(result.no_pmu.evidence));
    text += ", " + printable(result.run.mode) + quiet_text(result.run);
    if (!result.run.inherit)
        text += result.run.target.empty() ? ", first thread only" : ", without what they make";
    if (is_model(result))
        return text + '\n';
    const Counted counted = counted_on_pmu(samples);
    if (!counted.groups.empty())
        text += fmt::format(", {} group{}, counted {} of the time", counted.groups.size(),
                            counted.groups.size() == 1 ? "" : "s", percent_text(counted.coverage));
    return text + '\n';
}

std::string_view or_unknown(const std::string& text) {
    return text.empty() ? std::string_view("unknown") : std::string_view(text);
}

std::string model_line(const Result& result) {
    if (!is_model(result))
        return {};
    return printable("  ~ modelled by valgrind, not measured: " + std::string(or_unknown(result.run.model))) +
           "\n    time, user, sys and max rss are those of valgrind\n";
}

std::string machine_lines(const Result& result) {
    std::string text = '\n' +
                       printable(fmt::format("  cpu {} ({}), table {}, kernel {}", or_unknown(result.cpu.name),
                                             or_unknown(result.cpu.id), or_unknown(result.cpu.table),
                                             or_unknown(result.host.kernel))) +
                       '\n';
    for (const std::string& line : result.plan)
        text += printable("  " + line) + '\n';
    return text;
}

} // namespace cli
