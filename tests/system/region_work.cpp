// A program with regions whose counts are known. region_work MODE NUMBER; PMC_EVENTS and PMC_REPORT say what is
// counted.
#include "loop.hpp"

#include <pmc/pmc.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constinit pmc::Region work{"work"};
constinit pmc::Region part{"part"};

/// One call in each of twenty regions, so that each count is a single measurement.
void once_each(std::uint64_t rounds) {
    static std::vector<std::string> names;
    names.reserve(20);
    pmc::attach_thread();
    for (int i = 0; i < 20; ++i) {
        names.push_back("once " + std::to_string(i));
        pmc::Region region{names.back().c_str()};
        {
            const pmc::Scope scope{region};
            loop(rounds);
        }
    }
}

void on_two_threads(std::uint64_t calls) {
    const auto body = [calls] {
        for (std::uint64_t i = 0; i < calls; ++i) {
            const pmc::Scope scope{work};
            loop(50);
        }
    };
    std::thread first(body);
    std::thread second(body);
    first.join();
    second.join();
}

std::size_t entries(const char* folder) {
    std::size_t count = 0;
    DIR* directory = opendir(folder);
    while (directory != nullptr && readdir(directory) != nullptr)
        ++count;
    if (directory != nullptr)
        closedir(directory);
    return count;
}

std::size_t mappings() {
    std::ifstream maps("/proc/self/maps");
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);)
        ++count;
    return count;
}

std::size_t resident_kb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:"))
            return std::strtoull(line.c_str() + 6, nullptr, 10);
    return 0;
}

void one_short_thread() {
    std::thread([] {
        const pmc::Scope scope{work};
        const pmc::Scope nested{part};
    }).join();
}

/// Prints by how much files, mappings and resident memory (KB) have grown.
void in_short_threads(std::uint64_t threads) {
    for (int i = 0; i < 100; ++i)
        one_short_thread();
    const std::size_t files = entries("/proc/self/fd");
    const std::size_t maps = mappings();
    const std::size_t memory = resident_kb();
    for (std::uint64_t i = 0; i < threads; ++i)
        one_short_thread();
    std::printf("%zd %zd %zd\n", static_cast<ssize_t>(entries("/proc/self/fd") - files),
                static_cast<ssize_t>(mappings() - maps), static_cast<ssize_t>(resident_kb() - memory));
}

void long_calls(std::uint64_t rounds) {
    for (int i = 0; i < 40; ++i) {
        const pmc::Scope scope{work};
        loop(rounds);
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view mode = argc > 1 ? argv[1] : "";
    const std::uint64_t number = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
    if (mode == "once")
        once_each(number);
    else if (mode == "pairs")
        on_two_threads(number);
    else if (mode == "threads")
        in_short_threads(number);
    else if (mode == "long")
        long_calls(number);
    else
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
