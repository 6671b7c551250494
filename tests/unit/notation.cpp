#include "table/notation.hpp"

#include "event/resolver.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>

using namespace pmc;

TEST_SUITE("notation") {
    TEST_CASE("identifiers and ids of tables") {
        for (const char* good : {"a", "llc_misses", "fp_16"})
            CHECK_MESSAGE(notation::is_identifier(good), good);
        for (const char* bad : {"", "_a", "1a", "A", "a-b", "a b", "a.b", "ä"})
            CHECK_FALSE_MESSAGE(notation::is_identifier(bad), bad);
        for (const char* good : {"zen4", "neoverse-n1", "a-1-b"})
            CHECK_MESSAGE(notation::is_table_id(good), good);
        for (const char* bad : {"", "-", "a-", "-a", "a--b", "Zen4", "a_b"})
            CHECK_FALSE_MESSAGE(notation::is_table_id(bad), bad);
    }

    TEST_CASE("patterns of CPUs") {
        for (const char* good : {"GenuineIntel-6-8F", "GenuineIntel-6-8F-8", "AuthenticAMD-25-1?", "HygonGenuine-24-0",
                                 "midr-41-d0c", "midr-4?-???"})
            CHECK_MESSAGE(notation::is_cpu_pattern(good), good);
        for (const char* bad :
             {"", "midr", "midr-41", "midr-41-d0", "midr-41-D0C", "midr-41-d0c-1", "midr-41-d0c-", "GenuineIntel",
              "GenuineIntel-6", "GenuineIntel-6-", "GenuineIntel-6-8f", "GenuineIntel-x-8F", "GenuineIntel-6-8F-8-1",
              "Intel-6-8F", "GenuineIntel--8F", "-6-8F", "GenuineIntel-6-8F "})
            CHECK_FALSE_MESSAGE(notation::is_cpu_pattern(bad), bad);
    }

    TEST_CASE("terms of an event") {
        for (const char* good : {"event=0x2e", "event=0x2e,umask=0x41", "edge", "any,cmask=1",
                                 "config=0xffffffffffffffff", "event=0", "event=0x08"})
            CHECK_MESSAGE(notation::is_terms(good), good);
        for (const char* bad :
             {"", ",", "event=", "event=1,", ",event=1", "event=1e", "event=0x", "event=0XFF", "event=0xFF", "event=-1",
              "Event=1", "event==1", "event=1,,umask=1", "event = 1", "event=08", "event=0x10000000000000000",
              "event=99999999999999999999", "event=1/", "1=1"})
            CHECK_FALSE_MESSAGE(notation::is_terms(bad), bad);
    }

    TEST_CASE("counters of an event") {
        for (const char* good : {"metric", "pair", "fixed0", "fixed1,any", "0-3", "0,2", "any", "fixed2"})
            CHECK_MESSAGE(notation::is_counter_list(good), good);
        for (const char* bad : {"", "fixed", "0-", "-3", "0-3-4", "metric,any", "0,", "fixedx", "all"})
            CHECK_FALSE_MESSAGE(notation::is_counter_list(bad), bad);
    }

    TEST_CASE("a PMU stands before its terms, in slashes") {
        CHECK(notation::split_pmu("amd_l3/event=0x4/").pmu == "amd_l3");
        CHECK(notation::split_pmu("amd_l3/event=0x4/").terms == "event=0x4");
        for (const char* plain : {"event=0x4", "/event=0x4/", "a//", "a/b", "a/b/c/", "a b/c/", "/", ""}) {
            CHECK_MESSAGE(notation::split_pmu(plain).pmu.empty(), plain);
            CHECK(notation::split_pmu(plain).terms == plain);
        }
    }

    TEST_CASE("every hardware and software event of the kernel is known by its name") {
        for (const GenericName& generic : generic_names()) {
            if (generic.kind == "cache event")
                continue;
            std::string name = generic.name;
            std::ranges::replace(name, '-', '_');
            CHECK_MESSAGE(notation::is_kernel_event(name), name);
        }
        CHECK_FALSE(notation::is_kernel_event("ipc"));
        CHECK_FALSE(notation::is_kernel_event(""));
        CHECK_FALSE(notation::is_kernel_event("cycles instructions"));
    }
}
