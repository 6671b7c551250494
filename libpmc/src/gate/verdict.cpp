#include <pmc/verdict.hpp>

namespace pmc {

const char* to_string(Outcome outcome) noexcept {
    switch (outcome) {
    case Outcome::pass:
        return "pass";
    case Outcome::fail:
        return "fail";
    case Outcome::unknown:
        return "unknown";
    case Outcome::inconclusive:
        return "inconclusive";
    case Outcome::invalid:
        return "invalid";
    }
    return "unknown";
}

} // namespace pmc
