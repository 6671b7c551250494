#pragma once

#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include "fake_kernel.hpp"

#include <cstdint>
#include <functional>
#include <string>

/// Regions as a program uses them. What they have in common is settled once in a process, so each case has its own: a
/// fork's child, which tells its parent what it saw.
namespace region_child {

inline constinit pmc::Region parse{"parse"};
inline constinit pmc::Region row{"row"};

/// What the only event counts: moved on by the test, as work would.
inline std::uint64_t counter = 0;

inline void work(std::uint64_t amount) {
    counter += amount;
}

/// A kernel that counts page-faults as the test says, and that was always on the PMU.
struct Counting {
    Counting();
    fake::Kernel kernel{fake::Kernel::made_up};
};

/// Runs it in a process of its own; what it gave. "threw: …" for an exception, "died" where it did not come to its end.
std::string in_child(const std::function<std::string()>& body);

/// The report as lines: scope, name, calls, threads, openings, uncounted, dropped, the event's count; then the notes.
std::string lines(const pmc::Result& result = pmc::report());

bool contains(const std::string& text, const std::string& part);
std::string read_file(const std::string& path);

/// A folder of a case's own.
struct Folder {
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();
    char path[32] = "/tmp/pmc-region-XXXXXX";
};

} // namespace region_child
