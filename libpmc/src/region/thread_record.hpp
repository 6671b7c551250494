#pragma once

#include "kernel/user_page.hpp"
#include "region/region_layout.hpp"

#include <pmc/counter_group.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// What a thread that is measured has for itself: its counters, the stack of its open scopes, its sums.
namespace pmc {

/// An open scope. Its snapshot's words follow it, then as many for what was nested in it, and for the snapshot at its
/// end.
struct RegionFrame {
    std::uint64_t token; ///< `orphaned`: it ended on another thread
    RegionSums* sums;
    /// 0 for the outermost scope as long as there is nothing special about it. Else flags, and in the upper bits how
    /// far the frame is from the first one.
    std::uint64_t special;
    std::uint64_t failed; ///< with the flag `uncounted`: a bit for each group that could not be read

    enum Flag : std::uint64_t {
        opened = 1,     ///< the counters were opened for it
        has_nested = 2, ///< the words for what was nested are in use
        uncounted = 4
    };
    [[nodiscard]] bool is(Flag flag) const noexcept { return (special & flag) != 0; }

    std::uint64_t* snapshot() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
    std::uint64_t* nested(std::size_t words) noexcept { return snapshot() + words; }
    std::uint64_t* end(std::size_t words) noexcept { return snapshot() + 2 * words; }

    static constexpr std::size_t bytes(std::size_t words) noexcept {
        return sizeof(RegionFrame) + 3 * words * sizeof(std::uint64_t);
    }
    /// A token is a frame's address, with a tag in the upper bits that no address has (the kernel maps nothing there
    /// unasked): so that a scope whose frame was taken from it is not mistaken for the next one there.
    static constexpr unsigned address_bits = 48;
    static constexpr std::uint64_t orphaned = 1;
    static std::uint64_t address_of(std::uint64_t token) noexcept {
        return token & ((std::uint64_t{1} << address_bits) - 1);
    }
    static RegionFrame* of(std::uint64_t token) noexcept {
        return reinterpret_cast<RegionFrame*>(address_of(token)); // NOLINT(performance-no-int-to-ptr)
    }
};

/// Other threads may make it an orphan's.
inline std::uint64_t token_of(RegionFrame& frame) noexcept {
    return SharedWord{frame.token}.load(std::memory_order_relaxed);
}

struct ThreadOwner;

/// The head of a mapping that only its thread writes, followed by its frames and its sums of each region. The kernel
/// wipes it in a fork's child (MADV_WIPEONFORK), so that the child's first scope finds no room here and looks closer:
/// that guard costs nothing.
struct alignas(64) ThreadRecord {
    // Parameters in such an order that they are in their registers already. Take gives the token.
    using Take = std::uint64_t (*)(std::uint64_t token, ThreadRecord&, RegionFrame&) noexcept;
    using Finish = void (*)(std::uint64_t token, ThreadRecord&) noexcept;

    std::uint64_t limit; ///< the end of the frames, with the tag of `next`; 0: nothing can begin here
    std::uint64_t next;  ///< the token of the next scope
    std::uint64_t frame_size;
    std::uint64_t base; ///< the first frame
    Take take;
    Finish finish;
    std::uint64_t sums; ///< those of region 0, which is none
    std::uint64_t sums_size;
    std::uint64_t words;
    std::uint64_t missing; ///< a bit for each group that could not be opened
    kernel::UserClock clock;
    ThreadOwner* owner;
    std::array<kernel::UserCounter, 6> counters; ///< of the only group, if it is small and read by instructions

    static constexpr std::size_t max_depth = 256;

    RegionSums& sums_of(std::uint64_t region) noexcept {
        return *reinterpret_cast<RegionSums*>(sums + region * sums_size); // NOLINT(performance-no-int-to-ptr)
    }
    RegionFrame* parent_of(RegionFrame* frame) const noexcept {
        const auto at = reinterpret_cast<std::uint64_t>(frame);
        return at <= base ? nullptr
                          : reinterpret_cast<RegionFrame*>(at - frame_size); // NOLINT(performance-no-int-to-ptr)
    }
};

/// What of a thread's is not wiped in a child, which has to give it back: in a list of all.
struct ThreadOwner {
    ThreadOwner* next = nullptr;
    ThreadRecord* record = nullptr;
    std::size_t mapped = 0; ///< bytes
    const RegionLayout* layout = nullptr;
    std::vector<std::optional<CounterGroup>> groups; ///< empty: it could not be opened

    ThreadOwner() = default;
    ThreadOwner(const ThreadOwner&) = delete;
    ThreadOwner& operator=(const ThreadOwner&) = delete;
    ~ThreadOwner();

    /// Maps the record and makes it ready for the groups, which are open, and regions of `numbers` below this. False:
    /// no memory.
    bool make_record(const RegionLayout& regions, std::size_t numbers, kernel::UserClock clock) noexcept;
    [[nodiscard]] bool contains(std::uint64_t token) const noexcept {
        const auto start = reinterpret_cast<std::uint64_t>(record);
        const std::uint64_t at = RegionFrame::address_of(token);
        return at >= start && at < start + mapped;
    }
    /// Whether the token names one of its frames: what never changes is asked, so that other threads may.
    [[nodiscard]] bool has_frame(std::uint64_t token) const noexcept {
        const std::uint64_t at = RegionFrame::address_of(token);
        return at >= record->base && at < record->base + ThreadRecord::max_depth * record->frame_size &&
               (at - record->base) % record->frame_size == 0;
    }
};

/// A mapping that is wiped in a fork's child; null: no memory, or a kernel before 4.14.
void* map_wiped_on_fork(std::size_t bytes) noexcept;

/// Sets how the thread's snapshots are taken: by instructions where that can be, which its groups say.
void choose_readers(ThreadRecord& record, const ThreadOwner& owner) noexcept;

/// Takes away the frames at the top that lost their scopes, and changes the tag if there were any.
void pop_orphans(ThreadRecord& record) noexcept;

/// Ends the scope of the token, which need not be the innermost: those above it lose their frames. False: it is not
/// on this thread's stack.
bool end_within(ThreadRecord& record, std::uint64_t token) noexcept;

} // namespace pmc
