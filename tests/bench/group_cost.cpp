// What it costs to read a group of counters twice, as around a region: by hand, and by CounterGroup.
#include "floor.hpp"
#include "meter.hpp"

#include <pmc/counter_group.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

using bench::Floor;
using bench::keep;
using bench::Meter;
using bench::print;

namespace {

double cost_of(const Meter& meter, const pmc::CounterGroup& group) {
    return meter.cost([&](int) {
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
void print_floor(const Meter& meter) {
    const Floor<N> by_hand;
    print("hand-written user read, inlined", meter.cost([&](int) {
        typename Floor<N>::Sample before;
        typename Floor<N>::Sample after;
        by_hand.read_inlined(before);
        keep(before);
        by_hand.read_inlined(after);
        keep(after);
    }));
    print("hand-written user read", meter.cost([&](int) {
        typename Floor<N>::Sample before;
        typename Floor<N>::Sample after;
        by_hand.read(before);
        keep(before);
        by_hand.read(after);
        keep(after);
    }));
    print("hand-written read()", meter.cost([&](int) {
        std::array<std::uint64_t, N + 3> words;
        by_hand.read_by_system_call(words);
        keep(words);
        by_hand.read_by_system_call(words);
        keep(words);
    }));
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t size = bench::size_of(argc, argv);
    const Meter meter;
    // One group at a time: together they would not fit.
    size == 2 ? print_floor<2>(meter) : size == 4 ? print_floor<4>(meter) : print_floor<6>(meter);
    {
        const pmc::CounterGroup group = open_group(size, pmc::ReadPolicy::automatic);
        if (group.read_path() != pmc::ReadPath::user_read) {
            std::fprintf(stderr, "no user read: %s\n", group.read_path_reason().evidence.c_str());
            return 1;
        }
        print("CounterGroup", cost_of(meter, group));
    }
    print("CounterGroup, system call", cost_of(meter, open_group(size, pmc::ReadPolicy::system_call)));
}
