#include "event/resolver.hpp"

#include <doctest/doctest.h>

namespace {

using Names = std::vector<std::string>;

const Names known{"cycles",   "cpu-cycles", "instructions", "cache-misses", "cache-references", "branch-misses",
                  "branches", "llc",        "llc_misses",   "llc_refs",     "L1-dcache-loads"};

} // namespace

TEST_SUITE("suggest") {
    TEST_CASE("a slip of the finger finds the name that was meant, first") {
        REQUIRE_FALSE(pmc::suggest("cylces", known).empty());
        CHECK(pmc::suggest("cylces", known).front() == "cycles");
        CHECK(pmc::suggest("cycle", known).front() == "cycles");
        CHECK(pmc::suggest("instuctions", known).front() == "instructions");
        CHECK(pmc::suggest("brnach-misses", known).front() == "branch-misses");
    }

    TEST_CASE("hyphens count as underscores, capitals as small letters") {
        CHECK(pmc::suggest("llc-misses", known).front() == "llc_misses");
        CHECK(pmc::suggest("l1_DCACHE_load", known) == Names{"L1-dcache-loads"});
    }

    TEST_CASE("the beginning of a name finds what it is the beginning of") {
        CHECK(pmc::suggest("cache", known) == Names{"cache-misses", "cache-references"});
        CHECK(pmc::suggest("bran", known) == Names{"branch-misses", "branches"});
    }

    TEST_CASE("at most three names come back, each once") {
        CHECK(pmc::suggest("event", {"event1", "event2", "event3", "event4"}) == Names{"event1", "event2", "event3"});
        CHECK(pmc::suggest("evnt", {"event", "event"}) == Names{"event"});
    }

    TEST_CASE("what is near to nothing gets no suggestion") {
        CHECK(pmc::suggest("zzzzzz", known).empty());
        CHECK(pmc::suggest("xyz", known).empty());
        CHECK(pmc::suggest("", known).empty());
        CHECK(pmc::suggest("a", {"b"}).empty());
        CHECK(pmc::suggest(std::string(100000, 'c'), known).empty());
        CHECK(pmc::suggest("cycles", {std::string(100000, 'c')}).empty());
    }
}
