#include "machine/model.hpp"

#include "event/resolver.hpp"
#include "metric/metric_set_state.hpp"

#include <pmc/machine.hpp>
#include <pmc/metric_set.hpp>
#include <pmc/session.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace pmc;

namespace {

MetricSet set_of(const char* list, const Machine& machine = Machine::cachegrind()) {
    Expected<MetricSet> set = MetricSet::parse(list, machine, Tables::builtin());
    REQUIRE_MESSAGE(set.has_value(), set.error().message());
    return *set;
}

const Event& only_event(const MetricSet& set) {
    REQUIRE(set.events().size() == 1);
    return set.events().front();
}

} // namespace

TEST_SUITE("model") {
    TEST_CASE("a model says all that its numbers depend on") {
        CHECK(model::description("cachegrind", "3.19.0") ==
              "cachegrind-3.19.0 I1=32768,8,64 D1=32768,8,64 LL=8388608,16,64 cycles=L1+5LL+35RAM");
        CHECK(model::description("callgrind", "") ==
              "callgrind I1=32768,8,64 D1=32768,8,64 LL=8388608,16,64 cycles=L1+5LL+35RAM");
    }

    TEST_CASE("a model is a machine of one core with a PMU and a table of its own") {
        for (const Machine* machine : {&Machine::cachegrind(), &Machine::callgrind()}) {
            CHECK(machine->is_model());
            CHECK_FALSE(machine->is_host());
            CHECK(machine->has_core_pmu());
            CHECK(machine->arch() == Machine::host().arch());
            REQUIRE(machine->core_types().size() == 1);
            const std::string& tool = machine->core_types().front().pmu;
            CHECK(machine->pmu_names() == std::vector{tool});
            CHECK(machine->core_types().front().cpu_id == "valgrind-" + tool);
            CHECK(machine->model().starts_with(tool));
            CHECK(Tables::builtin().state().table_for(machine->core_types().front()).id == tool);
        }
        CHECK_FALSE(Machine::host().is_model());
        CHECK(Machine::host().model().empty());
    }

    TEST_CASE("the kernel's names are valgrind's events") {
        const std::pair<const char*, const char*> names[] = {
            {"instructions", "cachegrind/Ir/"},
            {"instructions:u", "cachegrind/Ir/"},
            {"cycles", "cachegrind/cycles/"},
            {"cpu-cycles", "cachegrind/cycles/"},
            {"branch-misses", "cachegrind/Bcm,Bim/"},
            {"branch_instructions", "cachegrind/Bc,Bi/"},
            {"cache-misses", "cachegrind/ILmr,DLmr,DLmw/"},
            {"L1-icache-load-misses", "cachegrind/I1mr/"},
            {"llc_misses", "cachegrind/ILmr,DLmr,DLmw/"},
            {"cachegrind/D1mr,D1mw/", "cachegrind/D1mr,D1mw/"},
        };
        for (const auto& known : names) { // clang 14 can't take a binding into INFO
            const char* const name = known.first;
            const char* const encoding = known.second;
            INFO(name);
            const MetricSet set = set_of(name);
            CHECK(only_event(set).name == name);
            CHECK(only_event(set).encoding == encoding);
            CHECK_FALSE(only_event(set).unavailable);
        }
        CHECK(only_event(set_of("instructions", Machine::callgrind())).encoding == "callgrind/Ir/");
    }

    TEST_CASE("the terms have the bits of the table's formats") {
        const Pmu* const pmu = Machine::callgrind().pmu("callgrind");
        REQUIRE(pmu != nullptr);
        CHECK(pmu->formats.size() == model::terms.size() + 1);
        const auto bit_of = [&](std::string_view name) {
            std::string problem;
            const std::optional<Pmu::Encoded> term = pmu->encode(name, problem);
            REQUIRE_MESSAGE(term, problem);
            return term->config;
        };
        for (std::size_t i = 0; i < model::terms.size(); ++i)
            CHECK(bit_of(model::terms[i].name) == std::uint64_t{1} << i);
        CHECK(bit_of(model::cycles) == model::cycles_bit);
    }

    TEST_CASE("what a model does not have is not available, and says why") {
        for (const char* name : {"instructions:k", "instructions:uk", "task-clock", "page-faults", "r1a2", "ref-cycles",
                                 "dTLB-load-misses", "sched:sched_switch"}) {
            INFO(name);
            CHECK(only_event(set_of(name)).unavailable.cause == Cause::not_modelled);
        }
        const MetricSet set = set_of("cpu,frequency,kernel_share,stalls,topdown,page_fault_rate");
        CHECK(set.events().empty());
        for (const PlannedMetric& metric : set.state().metrics) {
            INFO(metric.id);
            CHECK(metric.unavailable);
        }
    }

    TEST_CASE("formulas of the user can't have the time, which is valgrind's") {
        CHECK(set_of("mine=instructions/branches").state().metrics.front().unavailable.cause == Cause::none);
        CHECK(set_of("mine=instructions/seconds").state().metrics.front().unavailable.cause == Cause::not_modelled);
        CHECK(set_of("mine=group_seconds*cycles").state().metrics.front().unavailable.cause == Cause::not_modelled);
    }

    TEST_CASE("an unknown name is one here too") {
        const Expected<MetricSet> set = MetricSet::parse("instructoins", Machine::cachegrind(), Tables::builtin());
        REQUIRE_FALSE(set.has_value());
        CHECK(set.error().kind() == ErrorKind::unknown_name);
        CHECK_FALSE(MetricSet::parse("cachegrind/Xy/", Machine::cachegrind(), Tables::builtin()).has_value());
    }

    TEST_CASE("all is counted at once, in user mode") {
        const MetricSet set = set_of("ipc,llc,branch,l1d,L1-icache-load-misses,cachegrind/Dw/");
        CHECK(set.plan().size() == 1);
        CHECK(set.mode() == Mode::user);
        CHECK_FALSE(set.needs_multiplexing());
        CHECK_FALSE(set.why_no_hardware());
        CHECK(set.table() == "cachegrind");
        CHECK(set_of("instructions").table() == "cachegrind");
    }

    TEST_CASE("the default set is what the model can tell") {
        const MetricSet set = MetricSet::standard(Machine::cachegrind());
        std::vector<std::string> ids;
        for (const PlannedMetric& metric : set.state().metrics)
            ids.push_back(metric.id);
        CHECK(ids == std::vector<std::string>{"ipc", "branch", "llc"});
    }

    TEST_CASE("an estimate is none of a processor's: it says so") {
        const RoleEvent* cycles = Tables::builtin().state().find_role("cycles", "valgrind-cachegrind");
        REQUIRE(cycles != nullptr);
        CHECK(cycles->quality == "proxy");
    }

    TEST_CASE("no fall-back of the kernel's stands in for what a model lacks") {
        for (const char* tool : {"cachegrind", "callgrind"}) {
            const std::string id = std::string("valgrind-") + tool;
            for (const RoleEvent& event : Tables::builtin().state().generic().events) {
                if (event.pmu == "software")
                    continue;
                INFO(event.role);
                const RoleEvent* found = Tables::builtin().state().find_role(event.role, id);
                CHECK((found == nullptr || found->generic.empty()));
            }
        }
    }

    TEST_CASE("a model counts a command from its beginning, and nothing else") {
        const MetricSet set = set_of("instructions");
        Target all;
        all.all_cpus = true;
        Command alone{{"true"}};
        alone.inherit = false;
        const Expected<Session> tries[] = {
            Session::start(set, all),
            Session::start(set, Command{{"true"}}, all),
            Session::start(set, Command{{"true"}}, {}, Session::Begin::later),
            Session::start(set, alone),
        };
        for (const Expected<Session>& session : tries) {
            REQUIRE_FALSE(session.has_value());
            CHECK(session.error().kind() == ErrorKind::misuse);
        }
    }
}
