// A gate in a GoogleTest test: it fails when the code takes more instructions than it may.
#include "gate_subject.hpp"

#include <pmc/measure.hpp>

#include <gtest/gtest.h>

#include <string>

TEST(Hash, TakesAtMost30ThousandInstructionsFor1000Bytes) {
    const std::string text(1000, 'x');
    const pmc::Measurement m =
        pmc::measure("instructions", [&] { pmc::do_not_optimize(hash_of(text.data(), text.size())); });

    // The smallest of the runs: what the code takes when nothing comes between. It repeats to the last instruction.
    const pmc::Verdict verdict = m.check("instructions.min <= 30k");
    if (verdict.outcome() == pmc::Outcome::unknown)
        GTEST_SKIP() << "unknown: " << verdict.message(); // a machine that can't count: nothing is judged
    EXPECT_TRUE(verdict) << verdict.message();
}
