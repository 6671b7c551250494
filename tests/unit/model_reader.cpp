#include <doctest/doctest.h>

#include <pmc/counter_group.hpp>

#include "counter/model_reader.hpp"

#include "fake_callgrind.hpp"
#include "sample_events.hpp"

#include <optional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using pmc::CounterGroup;
using pmc::Event;
using pmc::ModelWeights;

namespace {

constexpr std::string_view names = "Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim";

Event modelled(std::string name, std::uint64_t config) {
    Event event;
    event.name = std::move(name);
    event.pmu = "callgrind";
    event.type = 63;
    event.config = config;
    return event;
}

// Bits of the config as in events/formats/valgrind.json.
Event instructions() {
    return modelled("instructions", 0x1);
}
Event branch_misses() {
    return modelled("branch-misses", 0x1400);
}
Event cycles() {
    return modelled("cycles", 0x2000);
}

std::string status(std::string_view counts) {
    return "events: " + std::string(names) + "\nthreads: 1\ncurrent-tid: 1\nevents-1: " + std::string(counts) +
           "\nframes-1: 0\n";
}

} // namespace

TEST_SUITE("model_reader") {
    TEST_CASE("an event is a sum of callgrind's counts") {
        CHECK(pmc::weights_of(instructions(), names) == ModelWeights{1});
        CHECK(pmc::weights_of(branch_misses(), names) == ModelWeights{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1});
    }

    TEST_CASE("a cycle for an access to L1, 5 for one to the last level, 35 for one to memory") {
        const std::optional<ModelWeights> weights = pmc::weights_of(cycles(), names);
        REQUIRE(weights);
        const auto count = [&](ModelWeights counts) {
            std::uint64_t sum = 0;
            for (std::size_t i = 0; i < counts.size(); ++i)
                sum += (*weights)[i] * counts[i];
            return sum;
        };
        CHECK(count({100}) == 100);
        CHECK(count({1, 0, 0, 1}) == 5);
        CHECK(count({1, 0, 0, 1, 0, 0, 1}) == 35);
        // 10 of each kind of access; 3 miss L1, one of them the last level: 7 + 2 x 5 + 35, three times.
        CHECK(count({10, 10, 10, 3, 3, 3, 1, 1, 1, 50, 5, 5, 5}) == 3 * 52);
    }

    TEST_CASE("what callgrind was not told to count is not 0") {
        CHECK(pmc::weights_of(instructions(), "Ir"));
        CHECK_FALSE(pmc::weights_of(branch_misses(), "Ir Dr Dw"));
        CHECK_FALSE(pmc::weights_of(cycles(), "Ir"));
        CHECK_FALSE(pmc::weights_of(instructions(), ""));
        CHECK_FALSE(pmc::weights_of(instructions(), "Irr"));
    }

    TEST_CASE("a group reads what callgrind says, and a difference is what was done between") {
        std::string counts = "1000 50 20";
        fake::Callgrind callgrind{[&] { return status(counts); }};
        const auto group = CounterGroup::open({instructions(), cycles()});
        REQUIRE(group);
        CHECK(group->read_path() == pmc::ReadPath::model);
        CHECK_FALSE(group->read_path_reason().evidence.empty());
        CHECK(callgrind.asked_log() == "/made/up/log." + std::to_string(getpid()));
        const pmc::Reading before = group->read();
        CHECK(before[pmc::CounterId{0}].value() == 1000);
        CHECK(before[pmc::CounterId{1}].value() == 1070);
        counts = "1250 50 20 1";
        const pmc::Reading spent = group->read() - before;
        CHECK(spent[pmc::CounterId{0}].value() == 250);
        CHECK(spent[pmc::CounterId{1}].value() == 254);
        CHECK(spent[pmc::CounterId{0}].coverage() == 1);
        CHECK(callgrind.requests() == 4);
    }

    TEST_CASE("a reading that callgrind does not answer is not counted, and the next may be") {
        std::optional<std::string> answer = status("1000");
        fake::Callgrind callgrind{[&] { return answer; }};
        const auto group = CounterGroup::open({instructions()});
        REQUIRE(group);
        for (const std::optional<std::string>& silence :
             {std::optional<std::string>{}, std::optional<std::string>{""}}) {
            answer = silence;
            CHECK(group->read().state() == pmc::State::not_counted);
        }
        answer = status("1001");
        CHECK(group->read()[pmc::CounterId{0}].value() == 1001);
    }

    TEST_CASE("an answer that is lost is asked for once more") {
        int silent = 0;
        fake::Callgrind callgrind{[&] { return silent-- > 0 ? "" : status("1000"); }};
        const auto group = CounterGroup::open({instructions()});
        REQUIRE(group);
        silent = 1;
        CHECK(group->read()[pmc::CounterId{0}].value() == 1000);
        silent = 2;
        CHECK(group->read().state() == pmc::State::not_counted);
    }

    TEST_CASE("a dump sets the counts back: what was read before and after it has no difference") {
        std::string part = "part: 0\n";
        fake::Callgrind callgrind{[&] { return "events: Ir\n" + part + "current-tid: 1\nevents-1: 1000\n"; }};
        const auto group = CounterGroup::open({instructions()});
        REQUIRE(group);
        CHECK(group->read().state() == pmc::State::counted);
        part = "part: 1\n";
        CHECK(group->read().state() == pmc::State::not_counted);
        const auto next = CounterGroup::open({instructions()});
        REQUIRE(next);
        CHECK(next->read().state() == pmc::State::counted);
    }

    TEST_CASE("another thread's reading is not counted: valgrind may have given the number to a third one") {
        fake::Callgrind callgrind{[] { return status("1000"); }};
        const auto group = CounterGroup::open({instructions()});
        REQUIRE(group);
        std::thread([&] { CHECK(group->read().state() == pmc::State::not_counted); }).join();
    }

    TEST_CASE("a thread finds out which one it is, though others ask at the same moment") {
        int asked = 0;
        fake::Callgrind callgrind{[&] { return ++asked == 1 ? status("5") + status("5") : status("5"); }};
        CHECK(CounterGroup::open({instructions()}));
        CHECK(asked == 3);
    }

    TEST_CASE("where callgrind does not answer there is a reason") {
        fake::Callgrind callgrind{[] { return ""; }};
        const auto group = CounterGroup::open({instructions()});
        REQUIRE_FALSE(group);
        CHECK(group.error().reason().cause == pmc::Cause::under_valgrind);
        CHECK_FALSE(group.error().reason().evidence.empty());
        CHECK(callgrind.requests() == 1);
    }

    TEST_CASE("where its log can't be read there is another one") {
        fake::Callgrind callgrind{[] { return std::nullopt; }};
        const auto group = CounterGroup::open({instructions()});
        REQUIRE_FALSE(group);
        CHECK(group.error().reason().evidence.find("log can't be read") != std::string::npos);
    }

    TEST_CASE("without callgrind its events are not opened") {
        const auto group = CounterGroup::open({instructions()});
        REQUIRE_FALSE(group);
        CHECK(group.error().reason().cause == pmc::Cause::under_valgrind);
    }

    TEST_CASE("a model and a kernel don't count together") {
        fake::Callgrind callgrind{[] { return status("5"); }};
        CHECK_FALSE(CounterGroup::open({instructions(), sample::task_clock()}));
        CHECK_FALSE(CounterGroup::open({sample::task_clock(), instructions()}));
        CHECK(callgrind.requests() == 0);
    }
}
