#include <pmc/metric_set.hpp>

#include "metric/metric_set_state.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace pmc;
using pmc::test::captured;

namespace {

/// Six generic counters, and one for cycles.
MetricSet on_n1(const std::string& list) {
    Expected<MetricSet> set = MetricSet::parse(list, captured("neoverse-n1"));
    REQUIRE_MESSAGE(set, list);
    return std::move(*set);
}

/// What is too many, or nothing.
std::string too_many(const std::string& list) {
    const std::optional<Error> error = on_n1(list).needs_multiplexing();
    return error ? error->subject() : "";
}

const std::string six = "r08,r21,r22,r23,r24,r37";

} // namespace

TEST_SUITE("multiplexing") {
    TEST_CASE("what the PMU counts at once needs none") {
        CHECK(too_many(six).empty());
        CHECK(too_many(six + ",cycles:u").empty());
        CHECK(too_many("ipc").empty());
    }

    TEST_CASE("the first that no longer fits is named, in the order asked for") {
        CHECK(too_many(six + ",r36") == "r36");
        CHECK(too_many(six + ",cycles:u,cycles:k,r36") == "cycles:k");
        CHECK(too_many("r36:u,r36:k,r37:u,r37:k,r21,ipc,branch,llc") == "branch");
        CHECK(too_many("ipc,r21,r22,r23,r24,r37,r36,branch") == "r36"); // cycles has its own
    }

    TEST_CASE("the message names it, the PMU, and what to do, on one line") {
        const std::optional<Error> error = on_n1(six + ",r36").needs_multiplexing();
        REQUIRE(error);
        CHECK(error->message() ==
              "r36 is too many: with it the events no longer fit on the counters of armv8_pmuv3_0 all at once");
        CHECK(!error->hint().empty());
    }

    TEST_CASE("a {…} is a group of its own, whatever there is room for") {
        CHECK(too_many("{r08,r21}").empty());
        CHECK(too_many("{r08,r21},{r21,r08}").empty());
        CHECK(too_many("{r08,r21},{r22,r23}") == "{r22,r23}");
        CHECK(too_many("r08,{r21,r22}") == "{r21,r22}");
        CHECK(too_many("{r21,r22},ipc") == "ipc");
    }

    TEST_CASE("an event named by its code is on the counters that the CPU's table allows to that code") {
        const auto on_spr = [](const std::string& list) {
            const std::optional<Error> error = MetricSet::parse(list, captured("sapphirerapids"))->needs_multiplexing();
            return error ? error->subject() : "";
        };
        const std::string four = "r81d0,cpu/event=0xd1,umask=0x8/,rff24,r3f24"; // each on 0-3
        CHECK(on_spr(four).empty());
        CHECK(on_spr(four + ",r1c2,r1c4,r1c5,r1c6").empty());
        CHECK(on_spr(four + ",r1c4,r8d1:u") == "r8d1:u");
        CHECK(on_spr("ref-cycles:u,ref-cycles:k") == "ref-cycles:k");
        CHECK(on_spr("ref-cycles:u,cycles:u,cycles:k,instructions").empty());
    }

    TEST_CASE("software events and what is not available never count") {
        CHECK(too_many(six + ",task-clock,page-faults,cpu").empty());
        CHECK(too_many("{task-clock,page-faults},{page-faults,minor-faults}," + six).empty());
        CHECK(too_many(six + ",energy").empty());
    }
}
