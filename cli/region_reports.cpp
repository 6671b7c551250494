#include "region_reports.hpp"

#include "input_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::Expected;
using pmc::Result;
using pmc::Sample;

constexpr std::string_view suffix = ".json";

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

std::vector<std::string> names_in(DIR* folder) {
    std::vector<std::string> names;
    rewinddir(folder);
    while (const dirent* const entry = readdir(folder)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            names.emplace_back(name);
    }
    return names;
}

/// 0 if it is none of a process's report.
int pid_of(std::string_view name) {
    if (!name.ends_with(suffix))
        return 0;
    name.remove_suffix(suffix.size());
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc{} && end == name.data() + name.size() ? pid : 0;
}

void empty(DIR* folder) {
    for (const std::string& name : names_in(folder)) {
        if (unlinkat(dirfd(folder), name.c_str(), 0) != 0)
            unlinkat(dirfd(folder), name.c_str(), AT_REMOVEDIR);
    }
}

Expected<Result> report_in(DIR* folder, const std::string& name) {
    std::string text;
    if (const int error = InputFile(dirfd(folder), name.c_str()).read_all(text); error != 0)
        return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document, std::strerror(error)).with_errno(error);
    return Result::from_json(text);
}

void add_note(Result& run, std::string note) {
    if (std::ranges::find(run.notes, note) == run.notes.end())
        run.notes.push_back(std::move(note));
}

void add_report(Result& run, Result report) {
    bool has_regions = false;
    for (Sample& sample : report.samples) {
        if (!sample.region)
            continue;
        has_regions = true;
        run.samples.push_back(std::move(sample));
    }
    if (has_regions && !report.no_pmu && !run.no_pmu && report.run.mode != run.run.mode)
        add_note(run,
                 fmt::format("the regions count {} mode, the command as a whole {}", report.run.mode, run.run.mode));
    for (std::string& note : report.notes)
        add_note(run, std::move(note));
}

/// Where a folder can be made whose path is good for a process that has another working directory, and in PMC_REPORT.
std::string place() {
    const char* const variable = std::getenv("TMPDIR");
    const std::string_view chosen = variable == nullptr ? "" : variable;
    const bool usable = chosen.starts_with('/') && chosen.find('%') == std::string_view::npos;
    return std::string(usable ? chosen : "/tmp");
}

bool is_partly_counted(const Sample& sample) {
    constexpr double full_coverage = 0.9995;
    return std::ranges::any_of(sample.events, [](const EventCount& event) {
        return event.has_value() && event.count.coverage() < full_coverage;
    });
}

} // namespace

RegionReports::RegionReports() {
    if (std::getenv("PMC_REPORT") != nullptr)
        return;
    std::string path = place() + "/pmcstat-XXXXXX";
    if (mkdtemp(path.data()) != nullptr)
        folder_ = std::move(path);
}

RegionReports::~RegionReports() {
    if (folder_.empty() || rmdir(folder_.c_str()) == 0)
        return;
    // Of a process that was just writing when the command ended.
    for (int attempt = 0; attempt < 10 && errno == ENOTEMPTY; ++attempt) {
        if (const Folder folder{opendir(folder_.c_str())})
            empty(folder.get());
        if (rmdir(folder_.c_str()) == 0)
            return;
    }
}

std::string RegionReports::variable() const {
    return folder_.empty() ? std::string() : folder_ + "/%p" + std::string(suffix);
}

void RegionReports::collect(Result& run) const {
    if (folder_.empty())
        return;
    const Folder folder{opendir(folder_.c_str())};
    if (!folder)
        return;
    std::vector<std::string> names = names_in(folder.get());
    std::erase_if(names, [](const std::string& name) { return pid_of(name) == 0; });
    std::ranges::sort(names, {}, pid_of);
    for (const std::string& name : names) {
        if (Expected<Result> report = report_in(folder.get(), name))
            add_report(run, *std::move(report));
        else
            add_note(run, fmt::format("the regions of pid {} are lost: {}", pid_of(name), report.error().message()));
    }
    empty(folder.get());
}

void note_sharing(Result& result, bool always) {
    const bool has_regions =
        std::ranges::any_of(result.samples, [](const Sample& sample) { return bool(sample.region); });
    if (!has_regions || result.no_pmu)
        return;
    if (always || std::ranges::any_of(result.samples, is_partly_counted))
        add_note(result, "the regions' counters and pmcstat's own share the PMU");
}

} // namespace cli
