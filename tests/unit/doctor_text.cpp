#include "doctor_text.hpp"

#include <doctest/doctest.h>

#include <string>

using pmc::Examination;
using pmc::Finding;
using pmc::Health;

namespace {

Finding made_up(const char* id, Health health, const char* found, const char* means = "", const char* remedy = "") {
    Finding finding;
    finding.id = id;
    finding.title = std::string("the ") + id;
    finding.health = health;
    finding.found = found;
    finding.means = means;
    finding.remedy = remedy;
    return finding;
}

std::string last_line(const Examination& examination) {
    std::string text = cli::doctor_text(examination);
    text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

} // namespace

TEST_SUITE("doctor_text") {
    TEST_CASE("a paragraph each: state, what was found, what it means, what to do; then what it comes to") {
        const Examination examination{.of = "examination",
                                      .findings = {made_up("pmu", Health::ok, "PMU cpu"),
                                                   made_up("own_process", Health::missing, "a filter \x1b forbids it",
                                                           "nothing counts", "allow it")}};
        CHECK(cli::doctor_text(examination) == "ok       the pmu: PMU cpu\n"
                                               "missing  the own_process: a filter ? forbids it\n"
                                               "         nothing counts\n"
                                               "         hint: allow it\n"
                                               "\n"
                                               "Cycles and instructions can't be counted here: a filter ? forbids "
                                               "it.\n");
    }

    TEST_CASE("the last line says how it is") {
        Examination examination{.of = "examination", .findings = {made_up("own_process", Health::ok, "both count")}};
        CHECK(last_line(examination) == "Cycles and instructions can be counted here.");
        examination.of = "self-test";
        CHECK(last_line(examination) == "This machine's counters are right, as far as they were tested.");
        examination.findings[0].health = Health::wrong;
        CHECK(last_line(examination) == "This machine's counters are WRONG.");
        examination.findings[0].health = Health::missing;
        CHECK(last_line(examination) == "This machine's counters can't be tested.");
    }
}
