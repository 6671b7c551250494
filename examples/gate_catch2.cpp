// A gate in a Catch2 test: it fails when the code takes more instructions than it may.
#include "gate_subject.hpp"

#include <pmc/measure.hpp>

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <string>

TEST_CASE("hashing 1000 bytes takes at most 30,000 instructions") {
    const std::string text(1000, 'x');
    const pmc::Measurement m =
        pmc::measure("instructions", [&] { pmc::do_not_optimize(hash_of(text.data(), text.size())); });

    // The smallest of the runs: what the code takes when nothing comes between. It repeats to the last instruction.
    const pmc::Verdict verdict = m.check("instructions.min <= 30k");
    if (verdict.outcome() == pmc::Outcome::unknown) {
        WARN("unknown: " << verdict.message()); // a machine that can't count: nothing is judged
        return;
    }
    INFO(verdict.message());
    CHECK(verdict);
}
