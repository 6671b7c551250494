#pragma once

#include <string>
#include <string_view>

/// The callgrind that runs this program, where pmcstat has started it: what it counts, asked for from within. Like
/// system_call.hpp a seam: tests/unit/fake_callgrind.cpp is linked in the place of callgrind.cpp.
namespace pmc::kernel {

/// What pmcstat says of it, in PMC_MODEL as MODEL;LOG.
struct Callgrind {
    std::string model; ///< "callgrind-3.19.0 I1=32768,8,64 …"
    std::string log;   ///< the path of each process's log, but for the pid that ends it
};

/// Null: no callgrind of pmcstat's runs this program.
const Callgrind* callgrind();

/// Takes what callgrind answers, piece by piece, until it returns false.
struct StatusReader {
    virtual bool take(std::string_view piece) noexcept = 0;

protected:
    ~StatusReader() = default;
};

/// Asks callgrind for its status, and hands `reader` what it wrote into the log `path` from then on: its answer, and
/// perhaps answers to other threads before or behind it, the first of which may lack its beginning. The caller is
/// Uncounted meanwhile, so all of them say the same of its thread. No lock, no allocation, no cancellation point.
/// False: the log can't be read.
bool read_callgrind_status(const char* path, StatusReader& reader) noexcept;

} // namespace pmc::kernel
