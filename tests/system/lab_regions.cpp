// Regions on counters that count: in the lab, which repeats its counts to the last instruction.
#include "process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

/// region_work's report.
struct Work {
    Work(const std::string& events, const std::string& mode, const std::string& number) {
        const std::string report = process::scratch() + "/report.json";
        process::Setting setting;
        setting.in_child = [&] {
            setenv("PMC_EVENTS", events.c_str(), 1);
            setenv("PMC_REPORT", report.c_str(), 1);
        };
        outcome = process::run({process::program("region_work"), mode, number}, setting);
        REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
        json = Json::parse(process::read_file(report));
    }
    [[nodiscard]] Json region(const std::string& id, const std::string& scope = "region") const {
        for (const Json& sample : json["samples"])
            if (sample["scope"] == scope && sample["id"] == id)
                return sample;
        FAIL("no region ", id);
        return {};
    }
    [[nodiscard]] std::uint64_t raw(const std::string& id, const std::string& event) const {
        const Json found = find_by(region(id)["events"], "name", event);
        REQUIRE_MESSAGE(found["raw"].is_number(), region(id).dump());
        return found["raw"];
    }

    Outcome outcome;
    Json json;
};

/// What most of the twenty single calls counted. A tick of the clock within one adds a few instructions (QEMU leaves
/// counters on for a moment after an exception).
std::uint64_t usual_count(const std::string& rounds) {
    const Work work("instructions,cycles", "once", rounds);
    std::map<std::uint64_t, int> seen;
    for (int i = 0; i < 20; ++i)
        ++seen[work.raw("once " + std::to_string(i), "instructions")];
    const auto usual =
        std::max_element(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    CHECK(usual->second >= 15);
    return usual->first;
}

void check_exact() {
    const std::uint64_t thousand = usual_count("1000");
    CHECK(thousand > 2000);
    CHECK(thousand < 2600); // the region's own cost stands in it, and it is the same in every call
    CHECK(usual_count("1000") == thousand);
    CHECK(usual_count("3500") == thousand + 5000);
}

void check_pairs() {
    const Work work("instructions,cycles", "pairs", "100000");
    const Json use = work.region("work")["region"];
    CHECK(use["calls"] == 200'000);
    CHECK(use["threads"] == 2);
    CHECK(use["openings"] == 2);
    CHECK(use["uncounted"] == 0);
    CHECK(use["dropped"] == 0);
    const double per_call = static_cast<double>(work.raw("work", "instructions")) / 200'000;
    const Work few("instructions,cycles", "pairs", "1000");
    // A loop of 101 instructions, and the same cost around it each time.
    CHECK(per_call > 101);
    CHECK(per_call < 700);
    CHECK(per_call == doctest::Approx(static_cast<double>(few.raw("work", "instructions")) / 2'000).epsilon(0.01));
}

void check_short_threads() {
    const Work work("instructions,cycles", "threads", "10000");
    std::istringstream grown(work.outcome.out);
    long files = -1;
    long mappings = -1;
    long memory = -1;
    grown >> files >> mappings >> memory;
    CHECK(files == 0);
    CHECK(mappings <= 1);
    CHECK(memory < 128); // KB
    CHECK(work.region("work")["region"]["calls"] == 10'100);
    CHECK(work.region("work")["region"]["threads"] == 10'100);
    CHECK(work.region("part")["region"]["calls"] == 10'100);
}

} // namespace

TEST_SUITE("lab regions") {
    TEST_CASE("by system calls a region's count is exact, run after run") {
        check_exact();
    }

    TEST_CASE("by system calls two threads lose no call of a region") {
        check_pairs();
    }

    TEST_CASE("by system calls ten thousand short threads leave nothing behind") {
        check_short_threads();
    }

    TEST_CASE("a region over ten events that take turns is within 5 %, and says so") {
        std::string list;
        for (const char* const name : {"cycles", "instructions", "stalled-cycles-frontend", "stalled-cycles-backend"})
            for (const char* const mode : {":u", ":uk", ":k"})
                list += std::string(list.empty() ? "" : ",") + name + mode;
        list.resize(list.rfind(',')); // eleven
        list.resize(list.rfind(',')); // ten
        const Work alone("instructions:u", "long", "1000000");
        const Work many(list, "long", "1000000");
        const Json sample = many.region("work");
        REQUIRE(sample["events"].size() == 10);
        int taking_turns = 0;
        for (const Json& event : sample["events"])
            taking_turns += event["running_ns"] < event["enabled_ns"] ? 1 : 0;
        CHECK(taking_turns >= 3);
        const Json event = find_by(sample["events"], "name", "instructions:u");
        const double scaled =
            event["raw"].get<double>() * event["enabled_ns"].get<double>() / event["running_ns"].get<double>();
        CHECK(scaled == doctest::Approx(static_cast<double>(alone.raw("work", "instructions:u"))).epsilon(0.05));
    }
}

TEST_SUITE("lab user access") {
    TEST_CASE("by instructions a region's count is exact, run after run") {
        check_exact();
    }

    TEST_CASE("by instructions two threads lose no call of a region") {
        check_pairs();
    }

    TEST_CASE("by instructions ten thousand short threads leave nothing behind") {
        check_short_threads();
    }
}
