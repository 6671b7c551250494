#pragma once

#include <pmc/reading.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pmc {

/// Says which group a Reading is of, by its address: one per group that was opened, never freed, so that no later
/// group can be mistaken for an earlier one.
struct ReadingLayout {
    std::size_t size;
    const ReadingLayout* next; ///< all layouts are in one list: leaked on purpose, but reachable
};

/// The layout of a group that was just opened.
const ReadingLayout* make_layout(std::size_t size);

/// The way into a Reading, for what fills one.
struct ReadingAccess {
    static Reading make(const ReadingLayout* layout, std::span<const std::uint64_t> raw, std::uint64_t enabled_ns,
                        std::uint64_t running_ns, State state) noexcept {
        Reading reading;
        reading.layout_ = layout;
        reading.size_ = static_cast<std::uint32_t>(std::min(raw.size(), Reading::capacity));
        std::copy_n(raw.begin(), reading.size_, reading.raw_.begin());
        reading.enabled_ns_ = enabled_ns;
        reading.running_ns_ = running_ns;
        reading.state_ = state;
        return reading;
    }
    static const ReadingLayout* layout(const Reading& reading) noexcept { return reading.layout_; }
};

} // namespace pmc
