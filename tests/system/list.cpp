#include "process.hpp"

#include <doctest/doctest.h>

using process::pmcstat;

TEST_SUITE("list") {
    TEST_CASE("metrics come first, then events") {
        const Outcome outcome = pmcstat({"list"});
        CHECK(outcome.status == 0);
        const std::size_t metrics = outcome.out.find("Metrics");
        const std::size_t events = outcome.out.find("Events");
        REQUIRE(metrics != std::string::npos);
        REQUIRE(events != std::string::npos);
        CHECK(metrics < events);
        for (const char* const part : {"ipc", "misses of the last-level cache", "topdown", "page-faults", "task-clock",
                                       "cycles", "L1-dcache-load-misses"})
            CHECK_MESSAGE(contains(outcome.out, part), part);
    }

    TEST_CASE("a metric's id shows all of it: formula, unit, events and their meaning") {
        for (const char* const word : {"llc", "llc.miss-ratio"}) {
            const Outcome outcome = pmcstat({"list", word, "--cpu", "neoverse-n1"});
            CHECK(outcome.status == 0);
            for (const char* const part :
                 {"llc: misses of the last-level cache", "llc.mpki       = 1000 * llc_misses / instructions",
                  "misses/kinsn, lower is better", "armv8_pmuv3_0/event=0x37/",
                  "reads that missed the last-level cache", "libpfm4 arm_n1::LL_CACHE_MISS_RD", "read:", "source:"})
                CHECK_MESSAGE(contains(outcome.out, part), part);
        }
    }

    TEST_CASE("a word finds metrics and events by what they are about") {
        const Outcome outcome = pmcstat({"list", "walk"});
        CHECK(outcome.status == 0);
        for (const char* const part : {"dtlb", "itlb", "dTLB-load-misses"})
            CHECK_MESSAGE(contains(outcome.out, part), part);
    }

    TEST_CASE("lines are no wider than a terminal") {
        const std::string text = pmcstat({"list", "--cpu", "neoverse-n1"}).out;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = text.find('\n', begin);
            CHECK_MESSAGE(end - begin <= 100, text.substr(begin, end - begin));
            begin = end + 1;
        }
    }

    TEST_CASE("another CPU's list has nothing of this machine") {
        const Outcome outcome = pmcstat({"list", "--cpu", "midr-41-d0c"});
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.out, "table neoverse-n1"));
        CHECK(contains(outcome.out, "event of table neoverse-n1"));
        for (const char* const part :
             {"[tracepoint]", "[libpfm4]", "[sysfs PMU]", "NO HARDWARE COUNTERS", "available here"})
            CHECK_FALSE_MESSAGE(contains(outcome.out, part), part);
    }

    TEST_CASE("a CPU that no table knows is an error that names those that are known") {
        for (const char* const id : {"nosuchcpu", "", "AuthenticAMD-1-1"}) {
            const Outcome outcome = pmcstat({"list", "ipc", "--cpu", id});
            CHECK(outcome.status == 125);
            CHECK(outcome.out.empty());
            CHECK(contains(outcome.err, "neoverse-n1"));
        }
        CHECK(pmcstat({"list", "--cpu"}).status == 125);
    }

    TEST_CASE("the CPUs that can be named are listed") {
        CHECK(contains(pmcstat({"list", "cpus"}).out, "midr-41-d0c"));
        const Json document = Json::parse(pmcstat({"list", "cpus", "--format", "json"}).out);
        CHECK(document.at("schema") == "pmcstat-list/1");
        REQUIRE(!document.at("cpus").empty());
        for (const Json& cpu : document.at("cpus"))
            CHECK(pmcstat({"list", "ipc", "--cpu", cpu.at("id")}).status == 0);
    }

    TEST_CASE("JSON is one document") {
        const Json document = Json::parse(pmcstat({"list", "llc", "--cpu", "neoverse-n1", "--format", "json"}).out);
        CHECK(document.at("schema") == "pmcstat-list/1");
        CHECK(document.at("cpu").at("table") == "neoverse-n1");
        const Json llc = find_by(document.at("metrics"), "id", "llc");
        CHECK(llc.at("available") == true);
        const Json core = llc.at("cores").at(0);
        CHECK(find_by(core.at("values"), "id", "llc.mpki").at("formula") == "1000 * llc_misses / instructions");
        CHECK(find_by(core.at("roles"), "role", "llc_misses").at("encoding") == "armv8_pmuv3_0/event=0x37/");
        CHECK(!find_by(document.at("events"), "name", "LLC-load-misses").is_null());
    }

    TEST_CASE("JSON says why not, with the cause") {
        const Json document = Json::parse(pmcstat({"list", "--format", "json"}).out);
        CHECK(document.contains("no_pmu") == !process::machine_has_pmu());
        const Json ipc = find_by(document.at("metrics"), "id", "ipc");
        CHECK(ipc.at("available") == process::machine_has_pmu());
        CHECK(ipc.contains("cause") == !process::machine_has_pmu());
        CHECK(find_by(document.at("metrics"), "id", "cpu").at("available") == true);
    }

    TEST_CASE("a word narrows it, in any case") {
        const Outcome outcome = pmcstat({"list", "LLC"});
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.out, "llc.miss_ratio"));
        CHECK_FALSE(contains(outcome.out, "page-faults"));
    }

    TEST_CASE("a word that nothing has is status 1 and one line") {
        const Outcome outcome = pmcstat({"list", "nosuchthingatall"});
        CHECK(outcome.status == 1);
        CHECK(contains(outcome.err, "nosuchthingatall"));
        CHECK(outcome.out.empty());
        CHECK(pmcstat({"list", "nosuchthingatall", "--format", "json"}).status == 1);
        CHECK(pmcstat({"list", "nosuchthingatall", "--cpu", "neoverse-n1"}).status == 1);
    }

    TEST_CASE("what can't be counted here says why") {
        const Outcome outcome = pmcstat({"list", "ipc"});
        CHECK(contains(outcome.out, "not available here: ") == !process::machine_has_pmu());
    }

    TEST_CASE("too many words are refused") {
        CHECK(pmcstat({"list", "a", "b"}).status == 125);
    }
}
