#include "region_reports.hpp"

#include "cells.hpp"
#include "input_file.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::Expected;
using pmc::Result;
using pmc::Sample;

constexpr std::string_view suffix = ".json";

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
    return error == std::errc{} && end == name.data() + name.size() && pid > 0 ? pid : 0;
}

/// Whatever a command has put there, but no deeper than anybody would by accident. No link is followed.
void empty(DIR* folder, int depth = 16) {
    for (const std::string& name : names_in(folder)) {
        if (unlinkat(dirfd(folder), name.c_str(), 0) == 0 || unlinkat(dirfd(folder), name.c_str(), AT_REMOVEDIR) == 0 ||
            depth == 0)
            continue;
        const int fd = openat(dirfd(folder), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (DIR* const inner = fdopendir(fd)) {
            empty(inner, depth - 1);
            closedir(inner);
        } else {
            close(fd);
        }
        unlinkat(dirfd(folder), name.c_str(), AT_REMOVEDIR);
    }
}

bool is_full(DIR* folder) noexcept {
    struct statvfs disk {};
    return fstatvfs(dirfd(folder), &disk) == 0 && disk.f_bavail == 0;
}

Expected<Result> report_in(DIR* folder, const std::string& name) {
    std::string text;
    if (const int error = InputFile(dirfd(folder), name.c_str()).read_all(text); error != 0)
        return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document, std::strerror(error)).with_errno(error);
    return Result::from_json(text);
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
        run.samples.push_back(sample);
        run.samples.back().region->pid = pid;
    }
    if (on_pmu && report.run.mode != run.run.mode)
        add_note(run,
                 fmt::format("the regions count {} mode, the command as a whole {}", report.run.mode, run.run.mode));
    for (const std::string& note : report.notes)
        add_note(run, note);
}

/// Where a folder can be made whose path is good for a process that has another working directory, and in PMC_REPORT.
std::string place() {
    const char* const variable = secure_getenv("TMPDIR");
    const std::string_view chosen = variable == nullptr ? "" : variable;
    const bool usable = chosen.starts_with('/') && chosen.find('%') == std::string_view::npos;
    return std::string(usable ? chosen : "/tmp");
}

/// What has just been made there, and nothing that was put in its place; -1 and no more if it is not that.
int open_own(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status {};
    if (fd < 0 || (fstat(fd, &status) == 0 && status.st_uid == geteuid()))
        return fd;
    close(fd);
    return -1;
}

} // namespace

RegionReports::RegionReports(const std::optional<pmc::User>& owner) {
    if (std::getenv("PMC_REPORT") != nullptr)
        return;
    std::string path = place() + "/pmcstat-XXXXXX";
    if (mkdtemp(path.data()) == nullptr)
        return;
    const int fd = open_own(path);
    const bool is_ready = fd >= 0 && (!owner || fchown(fd, owner->uid, owner->gid) == 0);
    folder_.reset(is_ready ? fdopendir(fd) : nullptr);
    if (folder_) {
        path_ = std::move(path);
        return;
    }
    if (fd >= 0)
        close(fd);
    rmdir(path.c_str());
}

RegionReports::~RegionReports() {
    if (!folder_ || rmdir(path_.c_str()) == 0)
        return;
    // Of a process that was just writing when the command ended.
    for (int attempt = 0; attempt < 10 && errno == ENOTEMPTY; ++attempt) {
        empty(folder_.get());
        if (rmdir(path_.c_str()) == 0)
            return;
    }
}

std::string RegionReports::variable() const {
    return folder_ ? path_ + "/%p" + std::string(suffix) : std::string();
}

void RegionReports::collect(Result& run) const {
    if (!folder_)
        return;
    std::vector<std::string> names = names_in(folder_.get());
    if (names.empty() && is_full(folder_.get()))
        add_note(run, fmt::format("no room is left in {}: if the command has regions, they are lost; set TMPDIR to "
                                  "another folder",
                                  place()));
    if (names.empty())
        return;
    std::erase_if(names, [](const std::string& name) { return pid_of(name) == 0; });
    std::ranges::sort(names, {}, pid_of);
    for (const std::string& name : names) {
        if (Expected<Result> report = report_in(folder_.get(), name))
            add_report(run, *report, pid_of(name));
        else
            add_note(run, fmt::format("the regions of pid {} are lost: {}", pid_of(name), report.error().message()));
    }
    empty(folder_.get());
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
