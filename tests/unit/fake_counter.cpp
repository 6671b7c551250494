#include "fake_counter.hpp"

#include <csignal>
#include <cstring>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <utility>

namespace fake {
namespace {

constexpr std::size_t registers = 64;
std::array<volatile std::uint64_t, registers> values;
volatile int read_count = 0;
void (*volatile interrupt)() = nullptr;
struct sigaction before;

#if defined(__x86_64__)
constexpr int trap = SIGSEGV;

/// RDPMC, 0f 33: the selector is in ecx, the value comes in edx:eax.
bool execute(ucontext_t& context) {
    greg_t* const registers_of = context.uc_mcontext.gregs;
    unsigned char code[2];
    // NOLINTNEXTLINE(performance-no-int-to-ptr): it is where the program stood
    std::memcpy(code, reinterpret_cast<const void*>(registers_of[REG_RIP]), sizeof code);
    if (code[0] != 0x0f || code[1] != 0x33)
        return false;
    const auto index = static_cast<std::uint32_t>(registers_of[REG_RCX]) + 1;
    // Fixed counters (bit 30) are in the upper half of the table.
    const std::uint64_t value = values[(index & 31) + ((index & 1u << 30) != 0 ? 32 : 0)];
    registers_of[REG_RAX] = static_cast<greg_t>(value & 0xffff'ffff);
    registers_of[REG_RDX] = static_cast<greg_t>(value >> 32);
    registers_of[REG_RIP] += 2;
    return true;
}
#else
constexpr int trap = SIGILL;

bool execute(ucontext_t&) {
    return false;
}
#endif

void on_trap(int, siginfo_t*, void* context) {
    if (!execute(*static_cast<ucontext_t*>(context))) {
        sigaction(trap, &before, nullptr); // a real one: it comes again, to whom it belongs
        return;
    }
    read_count = read_count + 1;
    if (void (*const handler)() = std::exchange(interrupt, nullptr))
        handler();
}

std::size_t page_size() {
    return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

} // namespace

Page::Page()
    : page_(static_cast<perf_event_mmap_page*>(
          mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    page_->lock = 2;
    page_->cap_user_rdpmc = 1;
    set(1, 0);
}

Page::~Page() {
    munmap(page_, page_size());
}

void Page::set(std::uint32_t index, std::int64_t offset, std::uint16_t width) const noexcept {
    page_->lock = page_->lock + 2;
    page_->index = index;
    page_->offset = offset;
    page_->pmc_width = width;
}

void Page::set_times(std::uint64_t enabled_ns, std::uint64_t running_ns) const noexcept {
    page_->lock = page_->lock + 2;
    page_->time_enabled = enabled_ns;
    page_->time_running = running_ns;
}

Counters::Counters() {
    for (auto& value : values)
        value = 0;
    read_count = 0;
    struct sigaction action {};
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO | SA_NODEFER; // the interrupt may read counters itself
    sigaction(trap, &action, &before);
}

Counters::~Counters() {
    sigaction(trap, &before, nullptr);
}

void Counters::set(std::uint32_t index, std::uint64_t value) noexcept {
    values[(index & 31) + ((index & (1u << 30 | 32)) != 0 ? 32 : 0)] = value;
}

int Counters::reads() const noexcept {
    return read_count;
}

void Counters::interrupt_once(void (*handler)()) noexcept {
    interrupt = handler;
}

} // namespace fake
