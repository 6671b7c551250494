// A program that counts itself, for tests that send it signals. signalled_work MODE [NUMBER]; PMC_EVENTS and PMC_REPORT
// say what its regions count. Says what it came to in lines "name value".
#include <pmc/pmc.hpp>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/time.h>

namespace {

constinit pmc::Region work{"work"};
constinit pmc::Region handled{"handled"};

volatile std::sig_atomic_t is_told = 0;
std::atomic<std::uint64_t> handlers_run = 0;
std::atomic<std::uint64_t> bad_readings = 0;
const pmc::CounterGroup* group = nullptr;
pmc::CounterId clock_id;

void say(const char* name, std::uint64_t value) {
    std::printf("%s %llu\n", name, static_cast<unsigned long long>(value));
    std::fflush(stdout);
}

/// Pages that are touched for the first time: as many page faults, exactly.
class Pages {
public:
    static constexpr std::size_t number = 16;

    Pages() : start_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
        if (start_ == MAP_FAILED)
            std::exit(EXIT_FAILURE);
        madvise(start_, size, MADV_NOHUGEPAGE);
        touch();
    }
    void renew() const { madvise(start_, size, MADV_DONTNEED); }
    void touch() const {
        for (std::size_t i = 0; i < number; ++i)
            static_cast<volatile char*>(start_)[i * page] = 1;
    }

private:
    static constexpr std::size_t page = 4096;
    static constexpr std::size_t size = number * page;
    void* start_;
};

/// The lines of /proc/self/status about signals.
std::string dispositions() {
    std::ifstream status("/proc/self/status");
    std::string all;
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("Sig") && !line.starts_with("SigQ"))
            all += line + '\n';
    return all;
}

void one_call(const Pages& pages) {
    pages.renew();
    const pmc::Scope scope{work};
    pages.touch();
}

void tell(int /*signal*/) {
    is_told = 1;
}

void read_in_handler(int /*signal*/) {
    const pmc::Scope scope{handled};
    ++handlers_run;
    if (!group->read()[clock_id].has_value())
        ++bad_readings;
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler; // without SA_RESTART: what can be interrupted is
    sigaction(signal, &action, nullptr);
}

/// Calls until SIGUSR1, of which the handler here is the only one.
std::uint64_t until_told(const Pages& pages) {
    handle(SIGUSR1, tell);
    say("ready", 1);
    std::uint64_t calls = 0;
    for (; is_told == 0; ++calls)
        one_call(pages);
    return calls;
}

/// Calls while an alarm's handler counts as well, as often as the kernel can.
std::uint64_t in_a_storm(const Pages& pages, std::uint64_t calls) {
    { const pmc::Scope met{handled}; }
    pmc::CounterGroup own{"task-clock", "page-faults"};
    group = &own;
    clock_id = own.ids<2>()[0];
    handle(SIGALRM, read_in_handler);
    const itimerval often{{0, 100}, {0, 100}};
    setitimer(ITIMER_REAL, &often, nullptr);
    const auto faults = own.ids<2>()[1];
    const pmc::Reading before = own.read();
    for (std::uint64_t i = 0; i < calls || handlers_run < 100; ++i) {
        one_call(pages);
        calls = i + 1;
    }
    const pmc::Reading spent = own.read() - before;
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    say("handlers", handlers_run);
    say("bad_readings", bad_readings);
    say("faults", spent[faults].raw());
    return calls;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view mode = argc > 1 ? argv[1] : "";
    const std::uint64_t number = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
    const std::string before = dispositions();
    const Pages pages;
    one_call(pages);
    pmc::attach_thread();
    { const pmc::CounterGroup opened{"task-clock"}; }
    say("dispositions_kept", before == dispositions() ? 1 : 0);
    std::uint64_t calls = 1;
    if (mode == "storm")
        calls += in_a_storm(pages, number);
    else if (mode == "wait")
        calls += until_told(pages);
    else
        return EXIT_FAILURE;
    say("calls", calls);
    return EXIT_SUCCESS;
}
