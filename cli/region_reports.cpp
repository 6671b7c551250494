#include "region_reports.hpp"

#include "cells.hpp"
#include "input_file.hpp"
#include "printable_sample.hpp"
#include "terminal.hpp"

#include <pmc/machine.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <string_view>
#include <sys/statvfs.h>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::Expected;
using pmc::Result;
using pmc::Sample;

constexpr std::string_view suffix = ".json";
// What is read of one run. More than a command has by itself; another user must not keep root busy with it.
constexpr std::size_t most_reports = 1024;
constexpr std::size_t most_bytes = std::size_t{256} << 20;

/// 0 if it is none of a process's report.
int pid_of(std::string_view name) {
    if (!name.ends_with(suffix))
        return 0;
    name.remove_suffix(suffix.size());
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc{} && end == name.data() + name.size() && pid > 0 ? pid : 0;
}

bool is_full(int folder) noexcept {
    struct statvfs disk {};
    return fstatvfs(folder, &disk) == 0 && disk.f_bavail == 0;
}

/// What to do about it; empty where it is no shortage, which would be the counters'.
std::string remedy_of(int error) {
    const bool is_short_of_files = error == EMFILE || error == ENFILE;
    return is_short_of_files ? pmc::Machine::host().why(error, {}, {}, false).remedy : std::string();
}

/// `size`: of what was read. The error's message has all that there is to say.
Expected<Result> report_in(int folder, const std::string& name, std::size_t& size) {
    std::string text;
    const int error = InputFile(folder, name.c_str()).read_all(text);
    size = text.size();
    if (error == 0)
        return Result::from_json(text);
    const std::string remedy = remedy_of(error);
    return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document,
                      std::strerror(error) + (remedy.empty() ? "" : "; " + remedy))
        .with_errno(error);
}

/// The least share of the time that something on a PMU was counted; nothing if none was.
std::optional<double> coverage_on_pmu(const Result& result, bool of_regions) {
    std::optional<double> least;
    for (const Sample& sample : result.samples) {
        if (sample.region.has_value() != of_regions)
            continue;
        for (const EventCount& event : sample.events) {
            if (event.has_value() && !event.encoding.starts_with("software/") &&
                !event.encoding.starts_with("tracepoint/"))
                least = std::min(least.value_or(1.0), event.count.coverage());
        }
    }
    return least;
}

void add_note(Result& run, std::string note) {
    if (std::ranges::find(run.notes, note) == run.notes.end())
        run.notes.push_back(std::move(note));
}

/// What a command may say of itself: its regions, under its own number.
void add_report(Result& run, const Result& report, int pid) {
    const bool on_pmu = coverage_on_pmu(report, true).has_value();
    for (const Sample& sample : report.samples) {
        if (!sample.region || (sample.scope != "region" && sample.scope != "region_self"))
            continue;
        run.samples.push_back(printable(sample));
        run.samples.back().region->pid = pid;
    }
    if (on_pmu && report.run.mode != run.run.mode)
        add_note(run, fmt::format("the regions count {} mode, the command as a whole {}",
                                  pmc::record::printable(report.run.mode), run.run.mode));
    for (const std::string& note : report.notes)
        add_note(run, pmc::record::printable(note));
}

} // namespace

RegionReports::RegionReports(const std::optional<pmc::User>& owner) {
    if (std::getenv("PMC_REPORT") != nullptr)
        return;
    if (Expected<pmc::kernel::PrivateFolder> folder = pmc::kernel::PrivateFolder::make(owner))
        folder_ = *std::move(folder);
}

std::string RegionReports::variable() const {
    return folder_ ? folder_->path() + "/%p" + std::string(suffix) : std::string();
}

void RegionReports::collect(Result& run) const {
    if (!folder_)
        return;
    std::vector<std::string> names = folder_->names();
    if (names.empty() && is_full(folder_->fd()))
        add_note(run, fmt::format("no room is left in {}: if the command has regions, they are lost; set TMPDIR to "
                                  "another folder",
                                  folder_->place()));
    if (names.empty())
        return;
    std::erase_if(names, [](const std::string& name) { return pid_of(name) == 0; });
    std::ranges::sort(names, {}, pid_of);
    std::size_t read = 0;
    std::size_t bytes = 0;
    for (; read < std::min(names.size(), most_reports) && bytes < most_bytes; ++read) {
        const int pid = pid_of(names[read]);
        std::size_t size = 0;
        if (Expected<Result> report = report_in(folder_->fd(), names[read], size))
            add_report(run, *report, pid);
        else
            add_note(run, fmt::format("the regions of pid {} are lost: {}", pid,
                                      pmc::record::printable(report.error().message())));
        bytes += size;
    }
    if (read < names.size())
        add_note(run, fmt::format("the regions of {} more processes are lost: no more than {} reports, or {} MiB, are "
                                  "read",
                                  names.size() - read, most_reports, most_bytes >> 20U));
    folder_->empty();
}

void note_sharing(Result& result, bool always) {
    if (result.run.backend == "model")
        return; // it has no counters to be shared
    const std::optional<double> regions = coverage_on_pmu(result, true);
    const std::optional<double> command = coverage_on_pmu(result, false);
    if (regions && command && (always || std::min(*regions, *command) < full_coverage))
        add_note(result, "the regions' counters and pmcstat's own share the PMU");
}

} // namespace cli
