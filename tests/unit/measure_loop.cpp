#include <pmc/measure.hpp>

#include "allocations.hpp"
#include "fake_callgrind.hpp"
#include "fake_kernel.hpp"
#include "metric/metric_set_state.hpp"
#include "test_tree.hpp"

#include <pmc/error.hpp>
#include <pmc/gate.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/result.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <vector>

using pmc::Cause;
using pmc::MeasureEnd;
using pmc::Measurement;
using pmc::MeasureOptions;
using pmc::State;
using pmc::test::captured;

namespace {

/// A PMU that counts what the test says: every event the same number. A reading costs some of it, as a real one does.
class Pmu {
public:
    static constexpr std::uint64_t reading = 7; ///< what of a reading is counted by the next one
    explicit Pmu(fake::Kernel& kernel) {
        kernel.on_read([this](std::vector<std::uint64_t>& words) {
            words[1] = enabled_ns_;
            words[2] = running_ns_;
            for (std::size_t i = 3; i < words.size(); ++i)
                words[i] = count_;
            run(reading);
            return 0;
        });
    }
    void run(std::uint64_t instructions) {
        count_ += instructions;
        enabled_ns_ += instructions;
        running_ns_ += instructions;
    }
    /// Time in which somebody else has the counters.
    void lose(std::uint64_t ns) { enabled_ns_ += ns; }

private:
    std::uint64_t count_ = 1000;
    std::uint64_t enabled_ns_ = 1000;
    std::uint64_t running_ns_ = 1000;
};

pmc::MetricSet set_of(const std::string& list, const std::string& machine = "neoverse-n1") {
    auto set = pmc::MetricSet::parse(list, captured(machine), pmc::Tables::builtin(), pmc::Mode::user);
    REQUIRE_MESSAGE(set, list);
    return std::move(*set);
}

/// What measure() does, for a set of a captured machine.
template <class Body>
Measurement measured(pmc::MetricSet set, const MeasureOptions& options, Body body) {
    pmc::MeasureLoop loop(std::move(set), options);
    pmc::detail::EmptyBody empty;
    while (loop.next_pass()) {
        while (loop.calibrates())
            pmc::detail::run_once(loop, empty);
        while (loop.goes_on())
            pmc::detail::run_once(loop, body);
    }
    return loop.finish();
}

/// Leaves the CPU, for certain.
void sleep() {
    const timespec moment{0, 100'000};
    nanosleep(&moment, nullptr);
}

} // namespace

TEST_SUITE("measure_loop") {
    TEST_CASE("what beginning and ending a run count themselves is subtracted, and told") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        const Measurement empty = measured(set_of("cycles,instructions"), {}, [] {});
        CHECK(empty["instructions"].max() == 0);
        CHECK(empty["cycles"].max() == 0);
        CHECK(empty["instructions"].overhead == Pmu::reading);
        const Measurement hundred = measured(set_of("cycles,instructions"), {}, [&] { pmu.run(100); });
        CHECK(hundred["instructions"].min() == 100);
        CHECK(hundred["instructions"].median() == 100);
        CHECK(hundred["instructions"].max() == 100);
        CHECK(hundred["instructions"].overhead == Pmu::reading);
    }

    TEST_CASE("a calibration that an interrupt made longer changes nothing") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        pmc::MeasureLoop loop(set_of("instructions"), {});
        REQUIRE(loop.next_pass());
        for (int i = 0; loop.calibrates(); ++i) {
            loop.begin();
            pmu.run(i % 3 == 0 ? 500 : 0);
            loop.end();
        }
        while (loop.goes_on()) {
            loop.begin();
            pmu.run(30);
            loop.end();
        }
        CHECK(loop.finish()["instructions"].max() == 30);
    }

    TEST_CASE("counts and the time are per iteration, a metric is what its formula gives") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        const MeasureOptions options{.operations = 50};
        const Measurement m = measured(set_of("instructions,ipc"), options, [&] { pmu.run(100); });
        CHECK(m["instructions"].median() == 2);
        CHECK(m["ipc"].median() == 1);
        CHECK(m["ipc"].unit == "insn/cycle");
        CHECK(m["cycles"].median() == 2); // the metric needed it
        CHECK_FALSE(m["cycles"].is_asked);
        CHECK(m.seconds().has_value());
    }

    TEST_CASE("runs that are all equal end it after the fewest runs") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        const Measurement m = measured(set_of("instructions"), {.budget_s = 60, .min_runs = 12}, [&] { pmu.run(100); });
        CHECK(m.end() == MeasureEnd::tight);
        CHECK(m.runs().kept + m.runs().disturbed() >= 12);
        CHECK(m["instructions"].summary.samples == m.runs().kept);
    }

    TEST_CASE("runs that never agree go on to the last") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        std::uint64_t run = 0;
        const Measurement m = measured(set_of("instructions"), {.budget_s = 60, .max_runs = 100},
                                       [&] { pmu.run(++run % 2 == 0 ? 100 : 300); });
        CHECK(m.end() == MeasureEnd::max_runs);
        CHECK(m.runs().kept + m.runs().disturbed() == 100);
        CHECK(m["instructions"].min() == 100);
        CHECK(m["instructions"].max() == 300);
        CHECK(m["instructions"].interval().low == 100);
        CHECK(m["instructions"].interval().high == 300);
    }

    TEST_CASE("a tightness that the runs have ends it before the last") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        std::uint64_t run = 0;
        const Measurement m = measured(set_of("instructions"), {.budget_s = 60, .max_runs = 1000, .tightness = 0.1},
                                       [&] { pmu.run(1000 + ++run % 5); });
        CHECK(m.end() == MeasureEnd::tight);
        CHECK(m["instructions"].interval().confidence >= 0.95);
    }

    TEST_CASE("without a budget there is one run") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        int runs = 0;
        const Measurement m = measured(set_of("instructions"), {.budget_s = 0, .warmup = 0}, [&] {
            ++runs;
            pmu.run(100);
        });
        CHECK(runs == 1);
        CHECK(m.end() == MeasureEnd::budget);
    }

    TEST_CASE("warm-up runs are in no number") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        unsigned runs = 0;
        const Measurement m = measured(set_of("instructions"), {.budget_s = 60, .warmup = 4, .max_runs = 20},
                                       [&] { pmu.run(++runs <= 4 ? 5000 : 100); });
        CHECK(m["instructions"].max() == 100);
        CHECK(runs == 4 + m.runs().kept + m.runs().disturbed());
    }

    TEST_CASE("a run that was switched out is told, and in no number") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        int runs = 0;
        const Measurement m = measured(set_of("instructions"), {.budget_s = 60, .warmup = 0, .max_runs = 60}, [&] {
            const bool sleeps = ++runs % 3 == 0;
            pmu.run(sleeps ? 9000 : 100 + static_cast<std::uint64_t>(runs % 2) * 50);
            if (sleeps)
                sleep();
        });
        CHECK(m.runs().disturbed() >= 20);
        CHECK(m.runs().kept + m.runs().disturbed() == 60);
        CHECK(m["instructions"].max() == 150);
        CHECK(m["instructions"].summary.samples == m.runs().kept);
    }

    TEST_CASE("where too few runs are left there is no value, but the reason") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        const Measurement m = measured(set_of("instructions,ipc"), {.budget_s = 60, .warmup = 0, .max_runs = 8}, [&] {
            pmu.run(100);
            sleep();
        });
        CHECK(m.runs().kept == 0);
        for (const char* name : {"instructions", "ipc", "seconds"}) {
            CAPTURE(name);
            CHECK(m[name].state == State::not_counted);
            CHECK(m[name].reason.cause == Cause::disturbed);
            CHECK(m[name].reason.evidence.find("of 8 runs") == 0);
            CHECK(m[name].reason.evidence.find("none is left") != std::string::npos);
            CHECK_THROWS_AS((void)m[name].median(), pmc::Error);
        }
        CHECK(m.check("instructions.min <= 1000").outcome() == pmc::Outcome::unknown);
    }

    TEST_CASE("a run in which the counters were elsewhere for a while leaves its time, and no count") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        int runs = 0;
        const Measurement m = measured(set_of("instructions"), {.budget_s = 60, .warmup = 0, .max_runs = 40}, [&] {
            const bool is_lost = ++runs % 2 == 0;
            pmu.run(is_lost ? 50 : 100 + static_cast<std::uint64_t>(runs) % 5 * 30);
            pmu.lose(is_lost ? 50 : 0);
        });
        CHECK(m.runs().not_fully_counted > 0);
        CHECK(m["instructions"].min() == 100);
        CHECK(m["instructions"].summary.samples == m.runs().kept - m.runs().not_fully_counted);
        CHECK(m.seconds().summary.samples == m.runs().kept);
    }

    TEST_CASE("counters that are never there all the time count nothing") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        const Measurement m = measured(set_of("instructions"), {.max_runs = 20}, [&] {
            pmu.run(100);
            pmu.lose(1);
        });
        CHECK(m["instructions"].state == State::not_counted);
        CHECK(m["instructions"].reason.cause == Cause::disturbed);
        CHECK(m.seconds().has_value());
    }

    TEST_CASE("what does not fit on the PMU at once is counted pass after pass, never in turns") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        const std::string list = "cpu,ipc,branch,llc,r3:u,r4:u,r5:u,r10:u,task-clock";
        REQUIRE(set_of(list).passes().size() == 2);
        std::set<std::size_t> open;
        const Measurement m = measured(set_of(list), {.budget_s = 60}, [&] {
            pmu.run(100);
            open.insert(kernel.live());
        });
        // In no run are the counters of both passes open.
        CHECK(*open.rbegin() < kernel.opens().size());
        for (const char* name : {"ipc", "r3:u", "r4:u", "r5:u", "r10:u", "task-clock"}) {
            CAPTURE(name);
            REQUIRE(m[name].has_value());
        }
        CHECK(m["r10:u"].median() == 100);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("where a group does not open, its values say why, and the time is measured") {
        fake::Kernel kernel{fake::Kernel::made_up};
        kernel.fail_open_if([](const fake::OpenCall&) { return EMFILE; });
        const Measurement m = measured(set_of("instructions,ipc"), {.max_runs = 20}, [] {});
        CHECK(m["instructions"].state == State::not_available);
        CHECK(m["instructions"].reason.cause == Cause::too_many_files);
        CHECK(m["ipc"].state == State::not_available);
        CHECK(m.seconds().has_value());
        CHECK(m.runs().not_fully_counted == 0);
    }

    TEST_CASE("what the body throws passes through, and nothing stays open") {
        fake::Kernel kernel{fake::Kernel::made_up};
        int runs = 0;
        const auto body = [&] {
            if (++runs == 5)
                throw 42;
        };
        CHECK_THROWS_AS(measured(set_of("instructions"), {}, body), int);
        CHECK(kernel.opens().size() == 1);
        CHECK(kernel.live() == 0);
    }

    TEST_CASE("nothing is allocated between begin and end") {
        pmc::MeasureLoop loop({.events = "page-faults,task-clock"});
        REQUIRE(loop.next_pass());
        while (loop.calibrates()) {
            const std::size_t allocated = allocations();
            loop.begin();
            loop.end();
            REQUIRE(allocations() == allocated);
        }
        while (loop.goes_on()) {
            const std::size_t allocated = allocations();
            loop.begin();
            loop.end();
            REQUIRE(allocations() == allocated);
        }
    }

    TEST_CASE("the setup is not counted, and its value is the body's") {
        const auto pages = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        struct Mapping {
            explicit Mapping(std::size_t bytes) : size(bytes) {
                data =
                    static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
                madvise(data, size, MADV_NOHUGEPAGE);
            }
            Mapping(const Mapping&) = delete;
            Mapping& operator=(const Mapping&) = delete;
            ~Mapping() { munmap(data, size); }
            std::size_t size;
            char* data;
        };
        const Measurement m = pmc::measure(
            {.events = "page-faults", .budget_s = 20, .min_runs = 8, .max_runs = 2000},
            [&] { return Mapping(20 * pages); },
            [&](Mapping& mapping) {
                for (std::size_t page = 0; page < 15; ++page)
                    mapping.data[page * pages] = 1;
            });
        // The kernel counts them itself, without a PMU: exact on every machine that lets us count.
        REQUIRE_MESSAGE(m["page-faults"].has_value(), m["page-faults"].reason.evidence);
        CHECK(m["page-faults"].median() == 15);
    }

    TEST_CASE("setups and bodies may return anything or nothing") {
        const MeasureOptions once{.events = "page-faults", .max_runs = 1};
        int setups = 0;
        int input = 0;
        (void)pmc::measure(
            once, [&] { ++setups; }, [] { return 3; });
        CHECK(setups > 0);
        (void)pmc::measure(
            once, [&]() -> int& { return input; }, [](int& in) { in = 9; });
        CHECK(input == 9); // a reference is not copied
        (void)pmc::measure("page-faults", [] {});
    }

    TEST_CASE("an unknown name, a list that can't be read and options without meaning are errors") {
        CHECK_THROWS_AS((void)pmc::measure("no-such-event-anywhere", [] {}), pmc::Error);
        CHECK_THROWS_AS((void)pmc::measure("cycles,{", [] {}), pmc::Error);
        CHECK_THROWS_AS((void)pmc::measure({.operations = 0}, [] {}), pmc::Error);
        CHECK_THROWS_AS((void)pmc::measure({.max_runs = 0}, [] {}), pmc::Error);
        CHECK_THROWS_AS((void)pmc::measure({.budget_s = -1}, [] {}), pmc::Error);
        const Measurement m = pmc::measure({.events = "page-faults", .max_runs = 1}, [] {});
        CHECK_THROWS_AS((void)m["cycles"], pmc::Error);
        CHECK(m.find("cycles") == nullptr);
    }

    TEST_CASE("the medians are a Result, which can be written and read") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        const Measurement m = measured(set_of("instructions,ipc"), {.operations = 4}, [&] { pmu.run(100); });
        const auto again = pmc::Result::from_json(m.result().to_json());
        REQUIRE_MESSAGE(again, (again ? "" : again.error().what()));
        REQUIRE(again->samples.size() == 1);
        const pmc::Sample& sample = again->samples.front();
        CHECK(sample.scope == "measure");
        CHECK(sample.events.front().name == "instructions");
        CHECK(sample.events.front().count.raw() == 100);
        CHECK(sample.events.front().value() == 25);
        CHECK(sample.metrics.front().value() == 1);
        CHECK(again->run.mode == "user");
    }

    TEST_CASE("its statistics are those of the values: what gates look at") {
        fake::Kernel kernel{fake::Kernel::made_up};
        Pmu pmu(kernel);
        const Measurement m = measured(set_of("instructions,ipc,llc"), {.operations = 4}, [&] { pmu.run(100); });
        const pmc::Result result = m.result();
        std::size_t known = 0;
        for (const pmc::MeasuredValue& value : m.values())
            known += value.has_value() ? 1 : 0;
        CHECK(result.statistics.size() == known);
        const pmc::Statistic& instructions = result.statistics.front();
        CHECK(instructions.name == "instructions");
        CHECK(instructions.scope.empty());
        CHECK(instructions.summary.median == 25);
        CHECK(instructions.summary.samples == m["instructions"].summary.samples);
        CHECK(result.statistics.back().name == "time");
        CHECK(result.statistics.back().unit == "s");
        CHECK(result.statistics.back().summary.median == m.seconds().median());

        const auto again = pmc::Result::from_json(result.to_json());
        REQUIRE(again);
        CHECK(pmc::check_assertion(*again, "instructions<=25")->front().outcome == pmc::Outcome::pass);
        CHECK(pmc::check_assertion(*again, "instructions<25")->front().outcome == pmc::Outcome::fail);
        CHECK(pmc::check_assertion(*again, "instructions.max<=25")->front().value->samples == m.runs().kept);
    }

    TEST_CASE("under callgrind neither the time nor what the runs count decides how many there are") {
        std::uint64_t count = 0;
        fake::Callgrind callgrind{[&] {
            count += 100; // what a reading leaves behind
            return "events: Ir Dr Dw\ncurrent-tid: 1\nevents-1: " + std::to_string(count) + '\n';
        }};
        unsigned calls = 0;
        const Measurement m = pmc::measure(MeasureOptions{.events = "instructions", .budget_s = 0},
                                           [&] { count += ++calls % 2 == 0 ? 1000 : 3000; });
        CHECK(calls == 13);
        CHECK(m.runs().kept == 10);
        CHECK(m.runs().disturbed() == 0);
        CHECK(m.end() == MeasureEnd::max_runs);
        CHECK(m["instructions"].min() == 1000);
        CHECK(m["instructions"].max() == 3000);
        CHECK(m["instructions"].overhead == 100);
    }

    TEST_CASE("under callgrind a measurement is the model's, and has no time") {
        std::uint64_t count = 0;
        fake::Callgrind callgrind{
            [&] { return "events: Ir Dr Dw\ncurrent-tid: 1\nevents-1: " + std::to_string(count) + '\n'; }};
        const Measurement m = pmc::measure("instructions", [&] { count += 500; });
        CHECK(m.end() == MeasureEnd::tight);
        CHECK(m["instructions"].median() == 500);
        CHECK_FALSE(m.seconds().has_value());
        CHECK(m.seconds().reason.cause == Cause::not_modelled);
        const pmc::Result result = m.result();
        CHECK(result.run.backend == "model");
        CHECK(result.run.model == "callgrind-0 made up");
        CHECK(result.run.mode == "user");
        CHECK_FALSE(result.no_pmu);
        CHECK(result.host.kernel == pmc::Machine::hardware().kernel_release());
        REQUIRE(result.samples.size() == 1);
        CHECK(result.samples.front().events.front().source == "model");
        REQUIRE(result.statistics.size() == 1);
        CHECK(result.statistics.front().source == "model");
    }
}
