// A program with regions and measurements whose counts under callgrind are known: model_work MODE [NUMBER [CALLS
// THREADS]].
#include "loop.hpp"

#include <pmc/pmc.hpp>
#include <pmc/result.hpp>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constinit pmc::Region outer{"outer"};
constinit pmc::Region inner{"inner"};
constinit pmc::Region empty{"empty"};

/// A call of each, on a thread that is warm.
void regions(std::uint64_t rounds) {
    pmc::attach_thread();
    { const pmc::Scope scope{empty}; }
    const pmc::Scope scope{outer};
    inline_loop(rounds);
    const pmc::Scope nested{inner};
    inline_loop(rounds);
}

void many_calls(std::uint64_t calls) {
    for (std::uint64_t i = 0; i < calls; ++i) {
        const pmc::Scope scope{outer};
        inline_loop(10);
    }
}

void on_threads(std::uint64_t rounds, std::uint64_t calls, std::uint64_t threads) {
    std::vector<std::jthread> running;
    for (std::uint64_t i = 0; i < threads; ++i) {
        running.emplace_back([=] {
            for (std::uint64_t call = 0; call < calls; ++call) {
                const pmc::Scope scope{outer};
                inline_loop(rounds);
            }
        });
    }
}

/// The child's regions can't be counted, its parent's can.
int in_fork(std::uint64_t rounds) {
    regions(rounds);
    const pid_t child = fork();
    if (child == 0) {
        regions(rounds);
        std::exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

/// Prints the medians, their spread, and what became of the runs.
int measure(std::uint64_t rounds) {
    const pmc::Measurement m = pmc::measure("instructions,cycles,l1d_misses", [rounds] { inline_loop(rounds); });
    for (const char* name : {"instructions", "cycles", "l1d_misses"}) {
        const pmc::MeasuredValue& value = m[name];
        if (!value.has_value()) {
            std::printf("%s: %s\n", name, value.reason.evidence.c_str());
            return EXIT_FAILURE;
        }
        std::printf("%s %.0f %.0f %.0f\n", name, value.min(), value.median(), value.max());
    }
    const pmc::Result result = m.result();
    std::printf("runs %zu, %s, seconds %s, backend %s, model %s\n", m.runs().kept,
                m.runs().disturbed() == 0 ? "undisturbed" : "disturbed", m["seconds"].has_value() ? "told" : "not told",
                result.run.backend.c_str(), result.run.model.c_str());
    return EXIT_SUCCESS;
}

/// A group by hand: what it reads is what was done between.
int group(std::uint64_t rounds) {
    const pmc::CounterGroup counters{"instructions"};
    const pmc::CounterId id = counters.id("instructions");
    std::uint64_t counted[2];
    for (int i = 0; i < 2; ++i) {
        const pmc::Reading before = counters.read();
        inline_loop(i == 0 ? 1 : rounds);
        counted[i] = (counters.read() - before)[id].raw();
    }
    std::printf("%s %" PRIu64 "\n", counters.read_path() == pmc::ReadPath::model ? "model" : "other",
                counted[1] - counted[0]);
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view mode = argc > 1 ? argv[1] : "";
    const auto number_at = [&](int place, std::uint64_t otherwise) {
        return argc > place ? std::strtoull(argv[place], nullptr, 10) : otherwise;
    };
    const std::uint64_t number = number_at(2, 1'000'000);
    if (mode == "regions")
        regions(number);
    else if (mode == "many")
        many_calls(number);
    else if (mode == "threads")
        on_threads(number, number_at(3, 100), number_at(4, 2));
    else if (mode == "fork")
        return in_fork(number);
    else if (mode == "measure")
        return measure(number);
    else if (mode == "group")
        return group(number);
    else
        return static_cast<int>(number);
    return EXIT_SUCCESS;
}
