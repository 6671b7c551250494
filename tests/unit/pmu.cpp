#include <pmc/machine.hpp>

#include "machine/pmu.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using pmc::Machine;
using pmc::Pmu;
using pmc::test::captured;
using pmc::test::ScratchTree;

namespace {

Pmu with_formats(std::map<std::string, std::string, std::less<>> formats) {
    Pmu pmu;
    pmu.name = "test";
    pmu.formats = std::move(formats);
    return pmu;
}

Pmu::Encoded encoded(const Pmu& pmu, std::string_view terms) {
    std::string problem = "untouched";
    const auto result = pmu.encode(terms, problem);
    REQUIRE_MESSAGE(result.has_value(), problem);
    CHECK(problem.empty());
    return *result;
}

std::string problem_of(const Pmu& pmu, std::string_view terms) {
    std::string problem;
    CHECK_FALSE(pmu.encode(terms, problem).has_value());
    CHECK_FALSE(problem.empty());
    return problem;
}

} // namespace

TEST_SUITE_BEGIN("pmu");

TEST_CASE("a PMU is its files") {
    const Machine machine = captured("sapphirerapids");
    const Pmu* cpu = machine.pmu("cpu");
    REQUIRE(cpu != nullptr);
    CHECK(cpu->name == "cpu");
    CHECK(cpu->type == 4);
    CHECK(cpu->core);
    CHECK(cpu->cpumask.empty());
    CHECK(cpu->formats.at("umask") == "config:8-15");
    CHECK(cpu->events.at("slots").terms == "event=0x00,umask=0x4");
    CHECK(cpu->events.at("slots").scale == 1.0);

    const Pmu* power = machine.pmu("power");
    REQUIRE(power != nullptr);
    CHECK_FALSE(power->core);
    CHECK(power->cpumask == std::vector<int>{0});
    CHECK(power->events.size() == 2); // .scale and .unit are no events
    CHECK(power->events.at("energy-pkg").scale == doctest::Approx(1.0 / 4294967296.0).epsilon(1e-15));
    CHECK(power->events.at("energy-pkg").unit == "Joules");
}

TEST_CASE("which cores a PMU is of, and which one place it counts in, are different things") {
    CHECK(captured("alderlake").pmu("cpu_atom")->cpus.size() == 8);
    CHECK(captured("alderlake").pmu("cpu_atom")->core);
    CHECK(captured("zen4").pmu("amd_l3")->cpumask == std::vector<int>{0, 8, 16, 24});
    CHECK(captured("neoverse-n1").pmu("arm_cmn_0")->cpumask == std::vector<int>{0});
    const Machine n1 = captured("neoverse-n1");
    CHECK(n1.pmu("arm_spe_0")->cpumask.empty());
    CHECK(n1.pmu("arm_spe_0")->cpus.size() == 4);
}

TEST_CASE("there is no PMU outside the folder of PMUs") {
    const Machine machine = captured("zen4");
    for (const char* name : {"", ".", "..", "cpu/", "../devices/cpu", "cpu/format", "no_such_pmu"})
        CHECK_MESSAGE(machine.pmu(name) == nullptr, name);
}

TEST_CASE("terms go where the formats say") {
    const Machine spr = captured("sapphirerapids");
    const Pmu& cpu = *spr.pmu("cpu");
    CHECK(encoded(cpu, "event=0x2e,umask=0x41").config == 0x412e);
    CHECK(encoded(cpu, "event=0xc0").config == 0xc0);
    CHECK(encoded(cpu, "event=0xa3,umask=0x14,cmask=20").config == 0x140014a3);
    CHECK(encoded(cpu, "event=0xcd,umask=0x1,ldlat=3").config == 0x1cd);
    CHECK(encoded(cpu, "event=0xcd,umask=0x1,ldlat=3").config1 == 3);
    CHECK(encoded(cpu, "event=0xc6,umask=1,frontend=0x500106").config1 == 0x500106);
    CHECK(encoded(cpu, "event=0x2a,umask=1,offcore_rsp=0xffffffffffffffff").config1 == UINT64_MAX);

    const Machine zen4 = captured("zen4");
    CHECK(encoded(*zen4.pmu("cpu"), "event=0x76").config == 0x76);
    CHECK(encoded(*zen4.pmu("cpu"), "event=0x1c7,umask=0xff").config == 0x10000ffc7); // event 11:8 is in bits 35:32
    CHECK(encoded(*zen4.pmu("amd_l3"), "event=0x04,umask=0xff,enallslices,enallcores,threadmask=3").config ==
          0x0300c0000000ff04);
    const Machine n1 = captured("neoverse-n1");
    CHECK(encoded(*n1.pmu("armv8_pmuv3_0"), "event=0x37,long,rdpmc").config1 == 3);
    CHECK(encoded(*n1.pmu("arm_spe_0"), "min_latency=0x123").config2 == 0x123);
}

TEST_CASE("every event that a captured driver lists can be encoded") {
    for (const char* tree :
         {"alderlake", "biglittle", "kvm-no-pmu", "neoverse-n1", "paranoid3", "qemu-n1", "sapphirerapids", "zen4"}) {
        const Machine machine = captured(tree);
        for (const std::string& name : machine.pmu_names()) {
            const Pmu* pmu = machine.pmu(name);
            REQUIRE_MESSAGE(pmu != nullptr, name);
            for (const auto& event : pmu->events) {
                std::string problem;
                CHECK_MESSAGE(pmu->encode(event.second.terms, problem).has_value(), tree, ' ', name, '/', event.first,
                              ": ", problem);
            }
        }
    }
}

TEST_CASE("values are in C's notation, and a name alone is 1") {
    const Pmu pmu = with_formats({{"event", "config:0-15"}, {"edge", "config:18"}});
    CHECK(encoded(pmu, "event=0xAb").config == 0xab);
    CHECK(encoded(pmu, "event=010").config == 8);
    CHECK(encoded(pmu, "event=10").config == 10);
    CHECK(encoded(pmu, "event=0").config == 0);
    CHECK(encoded(pmu, "edge").config == 1U << 18);
    CHECK(encoded(pmu, "edge=0").config == 0);
    CHECK(encoded(pmu, "event=1,event=2").config == 2); // the last one stands
    for (const char* bad : {"event=", "event=x", "event=0x", "event=08", "event=-1", "event=1 ", "event=1.5",
                            "event=99999999999999999999"})
        CHECK(problem_of(pmu, bad).find("is no number") != std::string::npos);
}

TEST_CASE("config words can be given whole") {
    const Pmu pmu = with_formats({{"event", "config:0-7"}});
    const Pmu::Encoded all = encoded(pmu, "config=0x1b7,config1=0x10001,config2=07");
    CHECK(all.config == 0x1b7);
    CHECK(all.config1 == 0x10001);
    CHECK(all.config2 == 7);
    CHECK(encoded(pmu, "config=0xff00,event=0x3c").config == 0xff3c);
    CHECK(problem_of(pmu, "config").find("needs a value") != std::string::npos);
}

TEST_CASE("an unknown term is named, with those that there are") {
    const Pmu pmu = with_formats({{"event", "config:0-7"}, {"umask", "config:8-15"}});
    CHECK(problem_of(pmu, "event=1,umusk=2") == "unknown term 'umusk' of PMU 'test', which has event, umask");
    for (const char* perfs_own : {"percore", "metric-id=x", "name=y", "period=1000", "Event=1"})
        CHECK_MESSAGE(!problem_of(pmu, perfs_own).empty(), perfs_own);
    for (const char* empty : {"", ",", "event=1,", ",event=1", "event=1,,umask=2", "=1"})
        CHECK(problem_of(pmu, empty) == "a term without a name");
}

TEST_CASE("a value too wide for its field is no event") {
    const Pmu pmu = with_formats({{"event", "config:0-7"}, {"edge", "config:18"}, {"split", "config:0-3,60-63"}});
    CHECK(problem_of(pmu, "event=0x100") == "the value of 'event=0x100' is too wide: 'event' has 8 bits");
    CHECK(problem_of(pmu, "edge=2") == "the value of 'edge=2' is too wide: 'edge' has 1 bit");
    CHECK(encoded(pmu, "split=0xff").config == 0xf00000000000000f);
    CHECK_FALSE(problem_of(pmu, "split=0x100").empty());
}

TEST_CASE("a parameter that the driver leaves open must be given") {
    const Pmu pmu = with_formats({{"domain", "config:0-3"}});
    CHECK(problem_of(pmu, "domain=?").find("needs a value") != std::string::npos);
    CHECK(encoded(pmu, "domain=2").config == 2);
}

TEST_CASE("nonsense in a format file makes that term unusable, not the PMU") {
    ScratchTree tree;
    tree.write("/arch", "x86_64").write("/sys/bus/event_source/devices/odd/type", "30\n");
    for (const auto& [name, format] : {std::pair{"a", ""},
                                       {"b", "config"},
                                       {"c", "config:"},
                                       {"d", "config:64"},
                                       {"e", "config:5-2"},
                                       {"f", "konfig:0-7"},
                                       {"g", "config:0-"},
                                       {"h", "config:-7"},
                                       {"i", "config3:0-7"},
                                       {"j", "config:0-7,"},
                                       {"k", "config:0-4294967296"}})
        tree.write(std::string("/sys/bus/event_source/devices/odd/format/") + name, format);
    tree.write("/sys/bus/event_source/devices/odd/format/good", "config:0-63\n");
    tree.write("/sys/bus/event_source/devices/odd/format/folder/x", "");
    tree.write("/sys/bus/event_source/devices/odd/events/e1", "");
    tree.write("/sys/bus/event_source/devices/odd/events/e1.scale", "a lot\n");
    for (const char* const scale : {"inf", "nan", "0", "-1", "1e999"})
        tree.write(std::string("/sys/bus/event_source/devices/odd/events/") + scale, "")
            .write(std::string("/sys/bus/event_source/devices/odd/events/") + scale + ".scale", scale);
    tree.write("/sys/bus/event_source/devices/odd/cpumask", "none\n");
    const Machine machine = tree.machine();
    const Pmu* odd = machine.pmu("odd");
    REQUIRE(odd != nullptr);
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"})
        CHECK_MESSAGE(problem_of(*odd, std::string(name) + "=1").find("can't be used") != std::string::npos, name);
    CHECK(encoded(*odd, "good=0xffffffffffffffff").config == UINT64_MAX);
    CHECK(odd->formats.count("folder") == 0);
    for (const auto& event : odd->events)
        CHECK_MESSAGE(event.second.scale == 1.0, event.first);
    CHECK(odd->cpumask.empty());
}

TEST_CASE("a PMU without a type is none") {
    for (const char* type : {"", "four", "-1", "4294967296", "4 5"}) {
        ScratchTree tree;
        tree.write("/arch", "x86_64").write("/sys/bus/event_source/devices/cpu/type", type);
        CHECK_MESSAGE(tree.machine().pmu("cpu") == nullptr, type);
    }
    ScratchTree bare;
    bare.write("/arch", "x86_64").write("/sys/bus/event_source/devices/cpu/type", "4");
    const Machine machine = bare.machine();
    REQUIRE(machine.pmu("cpu") != nullptr);
    CHECK(problem_of(*machine.pmu("cpu"), "event=1") == "unknown term 'event' of PMU 'cpu', which has none but config");
}

TEST_SUITE_END();
