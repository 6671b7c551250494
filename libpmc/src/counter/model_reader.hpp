#pragma once

#include "counter/callgrind_status.hpp"

#include <pmc/event.hpp>
#include <pmc/expected.hpp>
#include <pmc/machine.hpp>
#include <pmc/reading.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// How a group's counters are read in a program that callgrind runs: by asking it.
namespace pmc {

/// Whether the event is one of callgrind's, which no kernel counts.
bool is_modelled(const Event& event) noexcept;

/// How often each of callgrind's counts is in an event: a sum of some of them, or a model's cycles.
using ModelWeights = CallgrindCounts;
/// `names`: callgrind's own, in the order of its counts ("Ir Dr Dw"). Nothing: it does not count all that is in the
/// event.
std::optional<ModelWeights> weights_of(const Event& event, std::string_view names) noexcept;

/// Reads what callgrind counted of the thread that opened it, on that thread.
class ModelReader {
public:
    /// Asks callgrind once: does it answer, what does it count, and which thread is this?
    static Expected<ModelReader> open(std::span<const Event> events);

    /// The events' counts since the thread began. False: callgrind did not answer, or the program has had it dump its
    /// counts since this was opened, which sets them back. No lock, no allocation.
    bool read(std::span<std::uint64_t> counts) const noexcept;

private:
    /// Finds out which thread this is, for whom `event` is to be counted; gives the names of what callgrind counts.
    Expected<std::string> introduce(const Event& event);

    /// What callgrind says of this thread, which must be Uncounted. It has no counts if there is no answer.
    [[nodiscard]] CallgrindThread ask() const noexcept;

    std::string log_;
    std::uint32_t thread_ = 0; ///< valgrind's number of it
    std::uint64_t dumps_ = 0;  ///< until it was opened
    std::array<ModelWeights, Reading::capacity> weights_{};
};

} // namespace pmc
