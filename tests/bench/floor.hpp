#pragma once

#include "meter.hpp"

#include "kernel/counter_register.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <utility>

namespace bench {

/// cycles, and instructions as often as it takes: the lab has no other events that count.
inline std::uint64_t config_of(std::size_t i) {
    return i == 0 ? PERF_COUNT_HW_CPU_CYCLES : PERF_COUNT_HW_INSTRUCTIONS;
}

/// The group as one would open it by hand for just this program, and all that a read needs and nothing else: no guard
/// against forks and other threads, no clock, N known when compiled.
template <std::size_t N>
class Floor {
public:
    struct Sample {
        std::array<std::uint64_t, N> counts;
        std::uint64_t enabled, running;
    };

    Floor() {
        for (std::size_t i = 0; i < N; ++i) {
#ifdef __aarch64__
            const std::uint64_t user_access = i == 0 ? 3 : 2; // the cycle counter has 64 bits
#else
            const std::uint64_t user_access = 0;
#endif
            fds_[i] = open_event(config_of(i), user_access, false, i == 0 ? -1 : fds_[0]);
            void* page = mmap(nullptr, page_size(), PROT_READ, MAP_SHARED, fds_[i], 0);
            if (page == MAP_FAILED)
                fail("mmap");
            pages_[i] = static_cast<const perf_event_mmap_page*>(page);
            shifts_[i] = 64u - pages_[i]->pmc_width;
        }
        ioctl(fds_[0], PERF_EVENT_IOC_ENABLE, 0);
        Sample sample;
        if (!read(sample))
            fail("no counter to be read by user code");
    }
    Floor(const Floor&) = delete;
    Floor& operator=(const Floor&) = delete;
    ~Floor() {
        for (std::size_t i = N; i-- > 0;) {
            munmap(const_cast<perf_event_mmap_page*>(pages_[i]), page_size());
            close(fds_[i]);
        }
    }

    /// The kernel's protocol, counter by counter, as its header tells it.
    [[gnu::always_inline]] bool read_inlined(Sample& sample) const {
        sample.enabled = pages_[0]->time_enabled;
        sample.running = pages_[0]->time_running;
        return read_each(sample, std::make_index_sequence<N>{});
    }
    /// The same as a function, as a library would have it: what the compiler knows of the group ends at its door.
    [[gnu::noinline]] bool read(Sample& sample) const {
        return read_inlined(sample);
    }
    /// A hand-written read() of the group: the words as the kernel gives them.
    [[gnu::always_inline]] void read_by_system_call(std::array<std::uint64_t, N + 3>& words) const {
        if (::read(fds_[0], words.data(), sizeof words) != static_cast<ssize_t>(sizeof words))
            fail("read");
    }

private:
    template <std::size_t... I>
    [[gnu::always_inline]] bool read_each(Sample& sample, std::index_sequence<I...>) const {
        return (read_one(*pages_[I], shifts_[I], sample.counts[I]) && ...);
    }
    [[gnu::always_inline]] static bool read_one(const perf_event_mmap_page& page, std::uint64_t shift,
                                                std::uint64_t& count) {
        std::uint32_t lock;
        do {
            lock = page.lock;
            asm volatile("" : : : "memory");
            const std::uint64_t index = page.index;
            if (index == 0)
                return false;
            std::uint64_t value = 0;
            if (!pmc::kernel::Processor::counter(index, value))
                return false;
            count = static_cast<std::uint64_t>(page.offset + (static_cast<std::int64_t>(value << shift) >> shift));
            asm volatile("" : : : "memory");
        } while (page.lock != lock);
        return true;
    }
    static std::size_t page_size() {
        return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    }

    std::array<int, N> fds_{};
    std::array<const perf_event_mmap_page*, N> pages_{};
    std::array<std::uint64_t, N> shifts_{};
};

} // namespace bench
