#pragma once

#include <pmc/check.hpp>

#include <string>
#include <vector>

namespace made_up {

inline pmc::Check check(pmc::Outcome outcome, const std::string& name, const std::string& asked,
                        const std::string& message, const std::string& hint = {}) {
    pmc::Check one;
    one.outcome = outcome;
    one.name = name;
    one.asked = asked;
    one.message = message;
    one.hint = hint;
    return one;
}

/// One of each outcome.
inline std::vector<pmc::Check> checks() {
    using pmc::Outcome;
    return {check(Outcome::fail, "cycles", "at most +2 % over the baseline", "5.952 G vs baseline 5.734 G"),
            check(Outcome::pass, "ipc", "ipc>=1.2", "1.654, which is >= 1.2"),
            check(Outcome::unknown, "energy.pkg", "energy.pkg<=3", "not measurable here: no power PMU", "see doctor"),
            check(Outcome::inconclusive, "time", "time<2", "1.9 to 2.1 s", "more runs"),
            check(Outcome::invalid, "cylces", "cylces<1", "no such name")};
}

} // namespace made_up
