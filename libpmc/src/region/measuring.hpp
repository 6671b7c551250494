#pragma once

#include "kernel/user_page.hpp"
#include "region/region_layout.hpp"
#include "region/thread_record.hpp"

#include <pmc/metric_set.hpp>
#include <pmc/reason.hpp>
#include <pmc/region.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What regions of one process have in common: what they count, their names, the threads, the sums of threads that
/// ended.
namespace pmc {

struct RegionAccess {
    static std::atomic<std::uint64_t>& id(Region& region) noexcept { return region.id_; }
};

inline constexpr std::uint32_t max_regions = 1024;
inline constexpr std::uint32_t first_region = 2;
inline constexpr std::uint32_t empty_region = 1; ///< ours, to find out what a scope itself counts
inline constexpr std::uint32_t region_numbers = first_region + max_regions;

/// The region's number, from first_region on; 0: there is no room for more names. Regions of equal names have one.
std::uint32_t intern(Region& region) noexcept;
std::uint32_t region_end() noexcept; ///< one more than the last number that has a name
const char* region_name(std::uint32_t id) noexcept;

/// What is counted: settled when measuring first goes on, for the process's life.
struct Measuring {
    std::string list;              ///< as it was asked for
    bool from_environment = false; ///< by PMC_EVENTS, whatever the program says
    std::optional<MetricSet> set;
    RegionLayout layout{std::span<const std::size_t>{}};
    std::vector<std::string> notes;
    std::string report_path; ///< PMC_REPORT
    int pid = 0;             ///< the process that settled it: a fork's child is another one
};

/// Null: measuring never was on.
const Measuring* measuring() noexcept;
/// Decides whether measuring is on by the environment, if nobody has yet.
void settle_by_environment() noexcept;

/// A lock that may lie in a mapping which a fork wipes: all zero is open.
class WordLock {
public:
    explicit WordLock(std::atomic<std::uint32_t>& word) noexcept : word_(word) {
        while (word_.exchange(1, std::memory_order_acquire) != 0)
            word_.wait(1, std::memory_order_relaxed);
    }
    WordLock(const WordLock&) = delete;
    WordLock& operator=(const WordLock&) = delete;
    ~WordLock() {
        word_.store(0, std::memory_order_release);
        word_.notify_one();
    }

private:
    std::atomic<std::uint32_t>& word_;
};

/// What is wiped in a fork's child. Made when measuring goes on, and followed by sums of each region: those of threads
/// that ended, and the scopes that were dropped.
struct alignas(64) Ledger {
    std::atomic<std::uint32_t> alive; ///< 0: this is a fork's child that has not begun to measure
    std::atomic<std::uint32_t> lock;
    std::atomic<std::uint64_t> unnamed; ///< scopes dropped of regions that have no number
    std::atomic<std::uint64_t> refused; ///< threads that could not be measured
    bool has_clock;                     ///< the first thread has settled it, for all that are to come
    std::atomic<bool> has_cost;         ///< the first thread has found out what an empty scope counts: see cost()
    kernel::UserClock clock;
    std::uint64_t start_ticks; ///< when this process began to measure, by the snapshots' clock
    std::uint64_t start_ns;    ///< and by CLOCK_MONOTONIC_RAW

    RegionSums& sums_of(std::uint64_t region) noexcept;
    /// What an empty scope counts, in the words of its total; no calls: it is not known.
    RegionSums& cost() noexcept { return sums_of(0); }
};

/// Only after measuring() is not null.
Ledger& ledger() noexcept;
/// Only with a BusyMark: a signal handler's scope would wait for its own thread.
struct LedgerLock : WordLock {
    LedgerLock() noexcept : WordLock(ledger().lock) {}
};
/// All threads that have counters. Only under the lock.
ThreadOwner* threads() noexcept;
/// Why a group could not be opened on some thread; empty: it always could. Only under the lock.
Reason group_reason(std::size_t group);

/// In a fork's child that begins to measure, parts with what is its parent's.
void settle_fork() noexcept;
/// Opens the calling thread's counters; null: that can't be.
ThreadRecord* make_thread() noexcept;
/// Gives them back, and adds what they counted to the ledger.
void end_thread(ThreadRecord& record) noexcept;

/// Counts a scope that is not measured.
void drop(Region& region) noexcept;

} // namespace pmc
