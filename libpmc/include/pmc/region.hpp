#pragma once

#include <pmc/export.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

/// Regions of a program: named pieces of code that cost next to nothing while nobody measures, and what the counters'
/// instructions cost while somebody does.
///
///     constinit static pmc::Region parse{"parse"};
///     void parse_row(Row& row) {
///         const pmc::Scope scope{parse};
///         …
///     }
///
/// Measuring is on where PMC_EVENTS (what to count: an event list) or PMC_REPORT (where the report goes) is in the
/// environment, and after pmc::enable(). PMC_REPORT=file.json writes one Result when the program ends by exit() or by
/// return from main; %p in it is the pid, and - writes text to standard error.
namespace pmc {

struct Result;
class Region;

namespace detail {

/// 0: nobody measures. 1: it is not known yet. Otherwise somebody does.
extern PMC_API std::atomic<std::uint64_t> measuring;
/// The token that ends the scope; 0: it is not measured.
PMC_API std::uint64_t begin_scope(Region& region) noexcept;
PMC_API void end_scope(std::uint64_t token, Region& region) noexcept;

} // namespace detail

/// A name for a piece of code. Regions of equal names are one. Meant to be static: it must live for as long as
/// its scopes do, and `name` for as long as the program.
class Region {
public:
    constexpr explicit Region(const char* name) noexcept : name_(name) {}
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;

    [[nodiscard]] constexpr const char* name() const noexcept { return name_; }

private:
    friend struct RegionAccess;
    const char* name_;
    std::atomic<std::uint64_t> id_{0}; ///< 0: not met yet
};

/// One passage through a region, from construction to destruction, however it is left. On any thread, nested and
/// recursive. It must end on the thread that began it, or it is dropped, and counted as dropped.
class [[nodiscard]] Scope {
public:
    explicit Scope(Region& region) noexcept
        : region_(region), token_(detail::measuring.load(std::memory_order_relaxed)) {
        if (token_ != 0) [[unlikely]]
            token_ = detail::begin_scope(region);
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() {
        if (token_ != 0) [[unlikely]]
            detail::end_scope(token_, region_);
    }

private:
    Region& region_;
    std::uint64_t token_;
};

/// Turns measuring on for the whole process. `events`: as for `pmcstat -e`; empty: what PMC_EVENTS says, or ipc. Events
/// without a modifier count user mode. What can't be counted here is no error: the report says why. Throws Error:
/// syntax, unknown_name, misuse (after it was on with another list: one list serves a process for its life).
PMC_API void enable(std::string_view events = {});
/// Turns it off. Scopes that are open are still measured; what was measured stays for the report.
PMC_API void disable() noexcept;
[[nodiscard]] PMC_API bool is_measuring() noexcept;

/// Opens the calling thread's counters now, rather than in its first scope. Nothing happens while measuring is off.
PMC_API void attach_thread() noexcept;

/// What the regions of all threads came to so far, threads that ended included: for each a Sample of scope region, and
/// one of scope region_self. Scopes that are open are not in it. (Result: pmc/result.hpp.)
[[nodiscard]] PMC_API Result report();

/// The samples of regions as text for people: a table of regions with their metrics. Empty if there are none.
[[nodiscard]] PMC_API std::string region_text(const Result& result);

} // namespace pmc
