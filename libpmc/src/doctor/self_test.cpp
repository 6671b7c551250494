#include "doctor/finding.hpp"
#include "doctor/known_loop.hpp"
#include "doctor/subject.hpp"

#include <pmc/counter_group.hpp>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>

namespace pmc {
namespace doctor {
namespace {

constexpr std::uint64_t few_rounds = 100'000;
constexpr std::uint64_t many_rounds = 1'100'000;
constexpr std::uint64_t known_instructions = (many_rounds - few_rounds) * instructions_a_round;

/// What the long loop counts more than the short one: what begins and ends a measurement is in neither.
struct Difference {
    std::uint64_t cycles = 0, instructions = 0;
    std::uint64_t ns = 0; ///< by the kernel's clock of the group
};

struct Counted {
    std::uint64_t cycles = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t instructions = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t ns = std::numeric_limits<std::uint64_t>::max();
};

/// The least of some runs, as an interrupt may add to any. Nothing where one of them was not counted in full.
std::optional<Counted> count_loop(const CounterGroup& group, std::uint64_t rounds) {
    constexpr int runs = 20;
    const auto [cycles, instructions] = group.ids<2>();
    Counted least;
    for (int i = 0; i < runs; ++i) {
        const Reading before = group.read();
        known_loop(rounds);
        const Reading spent = group.read() - before;
        if (spent.state() != State::counted || spent[instructions].coverage() < 1)
            return std::nullopt;
        least.cycles = std::min(least.cycles, spent[cycles].raw());
        least.instructions = std::min(least.instructions, spent[instructions].raw());
        least.ns = std::min(least.ns, spent.enabled_ns());
    }
    return least;
}

std::optional<Difference> difference(const CounterGroup& group) {
    const std::optional<Counted> few = count_loop(group, few_rounds);
    const std::optional<Counted> many = count_loop(group, many_rounds);
    if (!few || !many)
        return std::nullopt;
    // A loop that counts less for more rounds is wrong enough as 0.
    const auto more = [](std::uint64_t a, std::uint64_t b) { return b > a ? b - a : 0; };
    return Difference{more(few->cycles, many->cycles), more(few->instructions, many->instructions),
                      more(few->ns, many->ns)};
}

constexpr Check counters_check{"counters", "counters"}; ///< where there is nothing to tell of one of them
constexpr const char* untestable = "the counters can't be tested";
constexpr Check instructions_check{"instructions", "instructions of a known loop"};
constexpr Check cycles_check{"cycles", "cycles of a known loop"};
constexpr Check user_read_check{"user_read", "user read against read()"};

constexpr const char* wrong_remedy = "don't trust counts of this machine; report it with pmcstat doctor --capture FILE";

/// What interrupts may add, or take, on real processors: one instruction each, or none.
constexpr std::uint64_t tolerance = known_instructions / 20'000;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : b - a;
}

Finding of_instructions(const Difference& counted) {
    const std::uint64_t error = distance(counted.instructions, known_instructions);
    const std::string found =
        std::to_string(counted.instructions) + " counted, " + std::to_string(known_instructions) + " executed";
    Finding finding =
        error == 0 ? make_finding(instructions_check, Health::ok, found)
        : error <= tolerance
            ? make_finding(instructions_check, Health::limited, found, "interrupts are counted with the program")
            : make_finding(instructions_check, Health::wrong, found,
                           "the counter of instructions is wrong by more than interrupts add", wrong_remedy);
    finding.value = static_cast<double>(counted.instructions);
    finding.unit = "instructions";
    return finding;
}

/// Nobody knows a loop's cycles, but what clock they would make.
Finding of_cycles(const Difference& counted) {
    constexpr double slowest = 0.05;
    constexpr double fastest = 10;
    const double rate = counted.ns == 0 ? 0 : static_cast<double>(counted.cycles) / static_cast<double>(counted.ns);
    char found[96];
    std::snprintf(found, sizeof found, "%llu, a clock of %.2f GHz", static_cast<unsigned long long>(counted.cycles),
                  rate);
    const bool is_right = rate >= slowest && rate <= fastest;
    Finding finding =
        is_right ? make_finding(cycles_check, Health::ok, found)
                 : make_finding(cycles_check, Health::wrong, found, "no processor has such a clock", wrong_remedy);
    finding.value = static_cast<double>(counted.cycles);
    finding.unit = "cycles";
    return finding;
}

Finding of_user_read(const Difference& by_user, const Difference& by_call) {
    const std::string found = std::to_string(by_user.instructions) +
                              " instructions by the processor's own instruction, " +
                              std::to_string(by_call.instructions) + " by read()";
    if (distance(by_user.instructions, by_call.instructions) <= tolerance)
        return make_finding(user_read_check, Health::ok, found);
    return make_finding(user_read_check, Health::wrong, found, "reading without a system call gives other numbers",
                        "set PMC_READ=syscall, and report it with pmcstat doctor --capture FILE");
}

Findings not_counted(const Error& error) {
    const Reason& reason = error.reason();
    return {reason ? make_finding(counters_check, reason, untestable)
                   : make_finding(counters_check, Health::missing, error.message(), untestable, error.hint())};
}

constexpr const char* disturbed = "somebody else had the counters meanwhile";

/// How the same group reads by system calls, beside what it read before.
Finding against_calls(const CounterGroup& group, const Difference& counted) {
    if (group.read_path() != ReadPath::user_read)
        return make_finding(user_read_check, Health::ok,
                            "there is none here, so nothing reads so: " + group.read_path_reason().evidence);
    const Expected<CounterGroup> calls = CounterGroup::open({"cycles", "instructions"}, ReadPolicy::system_call);
    if (!calls)
        return make_finding(user_read_check, calls.error().reason(), "the user read can't be tested", Health::unknown);
    const std::optional<Difference> by_call = difference(*calls);
    if (!by_call)
        return make_finding(user_read_check, Health::unknown, disturbed, "", "stop other profilers, and try again");
    return of_user_read(counted, *by_call);
}

Findings test() {
    const Machine& machine = Machine::host();
    if (instructions_a_round == 0)
        return {make_finding(counters_check, Health::unknown, "there is no loop for " + machine.arch(), untestable)};
    kernel::CpuVisit visit;
    go_to_main_core(visit, machine);
    const Expected<CounterGroup> group = CounterGroup::open({"cycles", "instructions"});
    if (!group)
        return not_counted(group.error());
    const std::optional<Difference> counted = difference(*group);
    if (!counted)
        return {make_finding(counters_check, Health::unknown, disturbed, untestable,
                             "stop other profilers, and try again")};
    return {of_instructions(*counted), of_cycles(*counted), against_calls(*group, *counted)};
}

} // namespace
} // namespace doctor

Examination self_test() {
    return {.of = "self-test", .findings = doctor::test()};
}

} // namespace pmc
