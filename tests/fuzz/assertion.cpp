#include "target.hpp"

#include "gate/assertion.hpp"

#include <pmc/gate.hpp>

#include <cmath>

/// --assert and --max-regression.
namespace fuzz {

using namespace pmc;

void take(std::string_view text) {
    const Expected<Assertion> assertion = parse_assertion(text);
    const Expected<std::string> name = asserted_name(text);
    expect(assertion.has_value() == name.has_value(), "an assertion has a name");
    if (assertion) {
        expect(std::isfinite(assertion->limit), "a limit is a number");
        expect(!assertion->name.empty() && *name == assertion->name, "it is about something");
        const std::string again = assertion->name + "." + std::string(to_string(assertion->statistic)) +
                                  std::string(to_string(assertion->comparison)) + assertion->written;
        const Expected<Assertion> same = parse_assertion(again);
        expect(same && same->name == assertion->name && same->limit == assertion->limit &&
                   same->comparison == assertion->comparison,
               "written out in full it is the same");
    } else {
        expect(assertion.error().kind() == ErrorKind::syntax, "what is no assertion is a syntax error");
    }
    const Expected<Limits> limits = Limits::parse(text);
    if (!limits)
        return;
    expect(!limits->all || (*limits->all >= 0 && *limits->all <= 10), "a limit is a share");
    for (const auto& [of, share] : limits->by_name)
        expect(!of.empty() && share >= 0 && share <= 10, "so is that of a value");
}

} // namespace fuzz
