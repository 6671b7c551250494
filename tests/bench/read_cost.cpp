// What does it cost to read a group of counters twice, as around a region? Instructions, user and kernel, on the lab's
// machine, which counts them exactly: tests/bench/read_cost. One line for each number of counters.
#include <pmc/pmc.hpp>

#include "kernel/counter_register.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <linux/perf_event.h>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

int open_event(std::uint64_t config, std::uint64_t config1, bool kernel, int leader) {
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_HARDWARE;
    attr.config = config;
    attr.config1 = config1;
    attr.exclude_kernel = !kernel;
    attr.exclude_hv = 1;
    attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    attr.disabled = leader < 0;
    const int fd = static_cast<int>(syscall(SYS_perf_event_open, &attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC));
    if (fd < 0)
        fail("perf_event_open");
    return fd;
}

/// cycles, and instructions as often as it takes: the lab has no other events that count.
std::uint64_t config_of(std::size_t i) {
    return i == 0 ? PERF_COUNT_HW_CPU_CYCLES : PERF_COUNT_HW_INSTRUCTIONS;
}

/// Makes the compiler believe that somebody looks at it.
template <class T>
[[gnu::always_inline]] inline void keep(const T& value) {
    asm volatile("" : : "r"(&value) : "memory");
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

/// Counts the instructions of everything that this thread does, in user and kernel mode.
class Meter {
public:
    Meter() : fd_(open_event(PERF_COUNT_HW_INSTRUCTIONS, 0, true, -1)) { ioctl(fd_, PERF_EVENT_IOC_ENABLE, 0); }
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    ~Meter() { close(fd_); }

    /// The cost of one call of `body`, the smallest of 10 tries, less that of the loop around it.
    template <class Body>
    double cost(const Body& body) const {
        return static_cast<double>(smallest(body) - smallest([] {})) / rounds;
    }

private:
    static constexpr int rounds = 100;

    [[nodiscard]] std::int64_t now() const {
        std::array<std::int64_t, 4> words;
        if (::read(fd_, words.data(), sizeof words) != sizeof words || words[1] != words[2])
            fail("the meter shared its counter");
        return words[3];
    }
    template <class Body>
    std::int64_t smallest(const Body& body) const {
        std::int64_t least = INT64_MAX;
        for (int i = 0; i < 10; ++i) {
            const std::int64_t before = now();
            for (int round = 0; round < rounds; ++round) {
                asm volatile("");
                body();
            }
            least = std::min(least, now() - before);
        }
        return least;
    }

    int fd_;
};

double cost_of(const Meter& meter, const pmc::CounterGroup& group) {
    return meter.cost([&] {
        const pmc::Reading before = group.read();
        keep(before);
        const pmc::Reading after = group.read();
        keep(after);
    });
}

pmc::CounterGroup open_group(std::size_t size, pmc::ReadPolicy policy) {
    std::vector<std::string_view> names(size, "instructions");
    names[0] = "cycles";
    return pmc::CounterGroup{names, policy};
}

template <std::size_t N>
void print_line(const Meter& meter) {
    double inlined = 0;
    double floor = 0;
    double two_reads = 0;
    {
        const Floor<N> by_hand;
        inlined = meter.cost([&] {
            typename Floor<N>::Sample before;
            typename Floor<N>::Sample after;
            by_hand.read_inlined(before);
            keep(before);
            by_hand.read_inlined(after);
            keep(after);
        });
        floor = meter.cost([&] {
            typename Floor<N>::Sample before;
            typename Floor<N>::Sample after;
            by_hand.read(before);
            keep(before);
            by_hand.read(after);
            keep(after);
        });
        two_reads = meter.cost([&] {
            std::array<std::uint64_t, N + 3> words;
            by_hand.read_by_system_call(words);
            keep(words);
            by_hand.read_by_system_call(words);
            keep(words);
        });
    }
    double user = 0;
    {
        const pmc::CounterGroup group = open_group(N, pmc::ReadPolicy::automatic);
        if (group.read_path() != pmc::ReadPath::user_read) {
            std::fprintf(stderr, "no user read: %s\n", group.read_path_reason().evidence.c_str());
            std::exit(1);
        }
        user = cost_of(meter, group);
    }
    const double system_call = cost_of(meter, open_group(N, pmc::ReadPolicy::system_call));
    std::printf("%8zu %12.0f %11.0f %7.2f %12.0f %14.0f %14.0f\n", N, floor, user, user / floor, inlined, system_call,
                two_reads);
}

} // namespace

int main() {
    const Meter meter;
    std::puts("Instructions, user and kernel, for two readings of a group; the empty loop's are subtracted.");
    std::puts("counters hand-written      libpmc   ratio hand-written        libpmc,  hand-written,");
    std::puts("            user read   user read              inlined    system call    system call");
    print_line<2>(meter);
    print_line<4>(meter);
    print_line<6>(meter);
}
