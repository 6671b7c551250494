#include "documents.hpp"

#include <doctest/doctest.h>

#include <pmc/gate.hpp>

#include <algorithm>

using pmc::baseline_name;
using pmc::Difference;
using pmc::differences;
using pmc::Result;
using namespace pmc::test;

namespace {

const Result then = runs_of("llc_misses", {1, 2, 3});

/// The one difference that a change makes.
template <class Modify>
Difference difference(Modify modify) {
    Result now = then;
    modify(now);
    const std::vector<Difference> all = differences(now, then);
    REQUIRE(all.size() == 1);
    return all.front();
}

} // namespace

TEST_SUITE("baseline") {
    TEST_CASE("a document is of one kind with itself") {
        CHECK(differences(then, then).empty());
        Result mixed = then; // somebody put it together
        mixed.samples[1].scope = "cpu";
        mixed.samples[1].events[0].encoding = "armv8_pmuv3/event=0x37/";
        CHECK(differences(mixed, mixed).empty());
    }

    TEST_CASE("another CPU, mode, backend, model or encoding makes other numbers of them") {
        const Difference cpu = difference([](Result& now) { now.cpu.id = "midr-41-d40"; });
        CHECK(cpu.what == "CPU");
        CHECK(cpu.now == "midr-41-d40");
        CHECK(cpu.then == "midr-41-d0c");
        CHECK(cpu.is_hard);
        CHECK(difference([](Result& now) { now.host.arch = "x86_64"; }).is_hard);
        CHECK(difference([](Result& now) { now.run.mode = "user"; }).is_hard);
        CHECK(difference([](Result& now) { now.run.model = "cachegrind-3.19.0"; }).is_hard);
        CHECK(difference([](Result& now) { now.run.inherit = false; }).is_hard);
        CHECK(difference([](Result& now) { now.run.cpu = 3; }).is_hard);
        CHECK(difference([](Result& now) { now.schema = "pmcstat/2"; }).is_hard);
        const Difference encoding = difference([](Result& now) {
            for (pmc::Sample& sample : now.samples)
                sample.events[0].encoding = "armv8_pmuv3/event=0x37/";
        });
        CHECK(encoding.what == "encoding of llc_misses");
        CHECK(encoding.is_hard);
    }

    TEST_CASE("a command, processes, all CPUs, cgroups and what a program measures are counted differently") {
        const auto counted = [](const std::string& scope, const std::string& target) {
            Result result = then;
            result.run.target = target;
            for (pmc::Sample& sample : result.samples)
                sample.scope = scope;
            return result;
        };
        const std::vector<Result> all{then,
                                      counted("process", "process 4121 (nginx)"),
                                      counted("system", "CPUs 0-7"),
                                      counted("cgroup", "cgroup a"),
                                      counted("measure", ""),
                                      counted("region", "")};
        for (const Result& now : all) {
            for (const Result& before : all) {
                const std::vector<Difference> found = differences(now, before);
                REQUIRE(found.size() == (&now == &before ? 0 : 1));
                CHECK(std::ranges::all_of(found, &Difference::is_hard));
            }
        }
        CHECK(differences(all[2], then).front().what == "what was counted");
        CHECK(differences(all[2], then).front().now == "CPUs");
        CHECK(differences(all[2], then).front().then == "the command");
        CHECK(differences(counted("process", "process 7 (nginx)"), all[1]).empty());
        // Its rows beside are no matter.
        Result rows = then;
        add_region(rows, 0, "parse", 1, 1);
        CHECK(differences(rows, then).empty());
    }

    TEST_CASE("what may have changed the numbers is worth a warning") {
        CHECK_FALSE(difference([](Result& now) { now.host.kernel = "6.12"; }).is_hard);
        CHECK_FALSE(difference([](Result& now) { now.host.hypervisor = "KVM"; }).is_hard);
        CHECK_FALSE(difference([](Result& now) { now.run.argv = {"/other/program"}; }).is_hard);
        const Difference arguments = difference([](Result& now) { now.run.argv = {"./app", "-n", "two words"}; });
        CHECK_FALSE(arguments.is_hard);
        CHECK(arguments.what == "command");
        CHECK(arguments.now == "app -n 'two words'");
        CHECK(arguments.then == "app");
        CHECK_FALSE(difference([](Result& now) { now.run.fixed_addresses = true; }).is_hard);
        CHECK_FALSE(difference([](Result& now) { now.run.fixed_environment = true; }).is_hard);
        Result known = then;
        known.host.microcode = "0x1";
        known.host.governor = "powersave";
        known.host.boost = true;
        known.host.smt = true;
        CHECK(differences(known, then).empty()); // not known of both
        Result other = known;
        other.host.microcode = "0x2";
        other.host.governor = "performance";
        other.host.boost = false;
        other.host.smt = false;
        const std::vector<Difference> all = differences(other, known);
        CHECK(all.size() == 4);
        CHECK(std::ranges::none_of(all, &Difference::is_hard));
    }

    TEST_CASE(
        "hard ones come first; the same command elsewhere, another pinned CPU and events that one lacks are none") {
        Result now = then;
        now.host.kernel = "6.12";
        now.run.mode = "user";
        CHECK(differences(now, then).front().what == "mode");
        Result moved = then;
        moved.run.argv = {"/build/app"};
        moved.samples[0].events.push_back(event("cycles", 5));
        moved.cpu.table = "generic"; // nothing of the CPU's own table was asked for
        moved.run.backend = "software";
        CHECK(differences(moved, then).empty());
        Result one = then;
        Result two = then;
        one.run.cpu = 1;
        two.run.cpu = 2;
        CHECK(differences(one, two).empty());
    }

    TEST_CASE("under a model the machine below matters only for the code that libraries pick") {
        Result now = then;
        now.run.model = "cachegrind-3.19.0";
        now.run.backend = "model";
        Result elsewhere = now;
        elsewhere.host.kernel = "6.12";
        elsewhere.host.hypervisor = "KVM";
        elsewhere.host.cpus = 99;
        CHECK(differences(now, elsewhere).empty());
        elsewhere.cpu.name = "another one";
        REQUIRE(differences(now, elsewhere).size() == 1);
        CHECK_FALSE(differences(now, elsewhere).front().is_hard);
    }

    TEST_CASE("a baseline's name is that of its machine, safe as a file's") {
        CHECK(baseline_name(then) == "midr-41-d0c-user+kernel-hardware.json");
        Result model = then;
        model.run.mode = "user";
        model.run.backend = "model";
        model.cpu.id = "valgrind-cachegrind";
        CHECK(baseline_name(model) == "valgrind-cachegrind-user-model.json");
        Result hostile = then;
        hostile.cpu.id = "../../etc/passwd\n";
        CHECK(baseline_name(hostile) == "_._.._etc_passwd_-user+kernel-hardware.json");
        hostile.cpu.id.clear();
        CHECK(baseline_name(hostile) == "aarch64-user+kernel-hardware.json");
        hostile.host.arch.clear();
        CHECK(baseline_name(hostile) == "unknown-user+kernel-hardware.json");
    }
}
