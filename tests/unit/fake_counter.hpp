#pragma once

#include <array>
#include <cstdint>
#include <linux/perf_event.h>

/// Counters that user code may read although this machine has none: pages made by hand, and a handler of the signal
/// that the processor sends to who reads a counter without the right to, which executes the instruction instead.
namespace fake {

/// A page of the kernel's protocol, in a mapping of its own, as the library unmaps it.
class Page {
public:
    Page();
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;
    ~Page();

    perf_event_mmap_page* operator->() const noexcept { return page_; }
    [[nodiscard]] perf_event_mmap_page& operator*() const noexcept { return *page_; }
    /// As the kernel has it for a counter in use. `index` 0: not in use.
    void set(std::uint32_t index, std::int64_t offset, std::uint16_t width = 48) const noexcept;
    /// What it was last told: the times, and a clock of 1 tick per ns that stands at `ticks`.
    void set_times(std::uint64_t enabled_ns, std::uint64_t running_ns) const noexcept;

private:
    perf_event_mmap_page* page_;
};

/// While it lives, reading a counter gives what the test says. One at a time.
class Counters {
public:
    Counters();
    Counters(const Counters&) = delete;
    Counters& operator=(const Counters&) = delete;
    ~Counters();

    /// The register of a page's index.
    void set(std::uint32_t index, std::uint64_t value) noexcept;
    /// How often a register was read.
    [[nodiscard]] int reads() const noexcept;
    /// Called within the next read of a register, as an interrupt would come; it may change pages and registers.
    void interrupt_once(void (*handler)()) noexcept;
};

} // namespace fake
