// A gate in a doctest test: it fails when the code takes more instructions than it may.
#include "gate_subject.hpp"

#include <pmc/measure.hpp>

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <string>

TEST_CASE("hashing 1000 bytes takes at most 30,000 instructions") {
    const std::string text(1000, 'x');
    const pmc::Measurement m =
        pmc::measure("instructions", [&] { pmc::do_not_optimize(hash_of(text.data(), text.size())); });

    // The smallest of the runs: what the code takes when nothing comes between. It repeats to the last instruction.
    const pmc::Verdict verdict = m.check("instructions.min <= 30k");
    if (verdict.outcome() == pmc::Outcome::unknown) {
        MESSAGE("unknown: ", verdict.message()); // a machine that can't count: nothing is judged
        return;
    }
    CHECK_MESSAGE(static_cast<bool>(verdict), verdict.message());
}
