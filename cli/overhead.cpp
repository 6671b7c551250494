#include "overhead.hpp"

#include "number.hpp"

#include <array>
#include <dirent.h>
#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

namespace cli {
namespace {

using pmc::record::duration_text;

double own_cpu_s() noexcept {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

/// As the kernel lists them: whatever opened them.
int open_counters() {
    struct Close {
        void operator()(DIR* folder) const noexcept { closedir(folder); }
    };
    const std::unique_ptr<DIR, Close> folder{opendir("/proc/self/fd")};
    int counters = 0;
    while (const dirent* const entry = folder ? readdir(folder.get()) : nullptr) {
        std::array<char, 64> target{};
        const ssize_t size = readlinkat(dirfd(folder.get()), entry->d_name, target.data(), target.size());
        if (size > 0 && std::string_view(target.data(), static_cast<std::size_t>(size)) == "anon_inode:[perf_event]")
            ++counters;
    }
    return counters;
}

} // namespace

Overhead::Overhead() noexcept : before_s_(own_cpu_s()) {}

std::string Overhead::sentence(int intervals) const {
    const double all_s = own_cpu_s();
    const double counting_s = all_s - before_s_;
    const int counters = open_counters();
    std::string text = fmt::format("pmcstat itself used {} of CPU time, {} of it since counting began",
                                   duration_text(all_s), duration_text(counting_s));
    if (intervals > 0)
        text += fmt::format(" ({} for each of {} intervals)", duration_text(counting_s / intervals), intervals);
    return text + fmt::format("; it had {} counter{} open", counters, counters == 1 ? "" : "s");
}

} // namespace cli
