#include "github_annotations.hpp"

#include "made_up_checks.hpp"

#include <doctest/doctest.h>

using namespace pmc;
using cli::github_annotations;

TEST_SUITE("github_annotations") {
    TEST_CASE("an error for each check that did not pass, none for those that did") {
        CHECK(github_annotations(made_up::checks()) ==
              "::error title=pmcstat%3A cycles fail::5.952 G vs baseline 5.734 G  (at most +2 %25 over the baseline)\n"
              "::error title=pmcstat%3A energy.pkg unknown::not measurable here: no power PMU  "
              "(energy.pkg<=3)%0Ahint: see doctor\n"
              "::error title=pmcstat%3A time inconclusive::1.9 to 2.1 s  (time<2)%0Ahint: more runs\n"
              "::error title=pmcstat%3A cylces invalid::no such name  (cylces<1)\n");
    }

    TEST_CASE("a difference that is none to refuse for is a warning; of others the checks say so") {
        const std::vector<Difference> differences{{"CPU", "zen4", "zen3", true}, {"kernel", "6.1", "5.10", false}};
        CHECK(github_annotations({}, differences) ==
              "::warning title=pmcstat%3A another kernel::kernel is 6.1 now, and was 5.10 for the baseline\n");
    }

    TEST_CASE("a text of another is no command") {
        const std::string text = github_annotations(
            std::vector{made_up::check(Outcome::fail, "a,b:c", "", "x\r\n::set-output name=a::b %0A \x1b[A")});
        CHECK(text == "::error title=pmcstat%3A a%2Cb%3Ac fail::x%0D%0A::set-output name=a::b %250A ?[A\n");
    }
}
