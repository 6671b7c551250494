#include "table/tables_state.hpp"
#include "user_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace pmc;
using pmc::test::check_refusal;
using pmc::test::tables;

namespace {

using Json = nlohmann::ordered_json;

std::string cpus(std::string_view text) {
    return "{'constants': ['my_number'], 'roles': {'mine': {'title': 'mine'}}, 'cpus': {" + std::string(text) + "}}";
}

/// A table of its own, with these keys.
std::string box(std::string_view keys) {
    return cpus("'box': {'title': 'a', 'match': ['midr-ff-001'], " + std::string(keys) + "}");
}

/// A table of its own whose cycles are this event.
std::string event(std::string_view text) {
    return box("'events': {'cycles': " + std::string(text) + "}");
}

bool same_event(const RoleEvent& a, const RoleEvent& b) {
    return a.role == b.role && a.pmu == b.pmu && a.terms == b.terms && a.generic == b.generic && a.only == b.only &&
           a.pfm == b.pfm && a.sysfs == b.sysfs && a.scale == b.scale && a.unit == b.unit && a.on == b.on &&
           a.quality == b.quality && a.scope == b.scope && a.counts == b.counts;
}

bool same_counters(const CpuTable& a, const CpuTable& b) {
    return a.counters.generic == b.counters.generic && a.counters.fixed_cycles == b.counters.fixed_cycles &&
           a.counters.fixed_instructions == b.counters.fixed_instructions &&
           a.counters.fixed_ref_cycles == b.counters.fixed_ref_cycles &&
           a.counters.fixed_slots == b.counters.fixed_slots && a.generic_alone == b.generic_alone;
}

const CpuTable& builtin(std::string_view id) {
    const CpuTable* table = Tables::builtin().state().find_table(id);
    REQUIRE(table != nullptr);
    return *table;
}

Json read_json(const std::filesystem::path& path) {
    std::ifstream file(path);
    return Json::parse(file);
}

} // namespace

TEST_SUITE("user_cpus") {
    TEST_CASE("the built-in tables, read as a user's document, are what the build made of them") {
        const std::filesystem::path events = std::filesystem::path(std::getenv("PMC_SOURCE_ROOT")) / "events";
        int seen = 0;
        for (const char* const arch : {"arm64", "x86"}) {
            if (!std::filesystem::exists(events / arch))
                continue;
            for (const auto& entry : std::filesystem::directory_iterator(events / arch)) {
                Json table = read_json(entry.path());
                const std::string id = table["id"];
                if (Tables::builtin().state().find_table(id) == nullptr)
                    continue; // not in the build's list
                INFO(id);
                ++seen;
                table.erase("id");
                const Json document = {{"cpus", {{"again-" + id, table}}}};
                const Expected<Tables> again = Tables::builtin().with_document(document.dump(), id);
                if (!again)
                    FAIL(again.error().what());
                const CpuTable& one = *again->state().find_table("again-" + id);
                const CpuTable& other = builtin(id);
                CHECK(one.title == other.title);
                CHECK(one.match == other.match);
                CHECK(one.core_pmu == other.core_pmu);
                CHECK(one.pfm == other.pfm);
                CHECK(one.formats == other.formats);
                CHECK(one.width == other.width);
                CHECK(same_counters(one, other));
                CHECK(std::ranges::equal(one.constants, other.constants, [](const Constant& a, const Constant& b) {
                    return a.name == b.name && a.value == b.value;
                }));
                for (const RoleEvent& known : other.events) {
                    INFO(std::string(known.role));
                    REQUIRE(one.find(known.role) != nullptr);
                    CHECK(same_event(*one.find(known.role), known));
                }
                CHECK(one.events.size() == other.events.size());
                CHECK(std::ranges::is_permutation(one.without, other.without));
            }
        }
        CHECK(seen > 0);
        Json generic = read_json(events / "generic.json");
        generic.erase("id");
        const Json document = {{"cpus", {{"generic", generic}}}};
        const Expected<Tables> again = Tables::builtin().with_document(document.dump(), "generic");
        if (!again)
            FAIL(again.error().what());
        CHECK(std::ranges::equal(again->state().generic().events, builtin("generic").events, same_event));
        CHECK(again->state().generic().names.size() == builtin("generic").names.size());
    }

    TEST_CASE("a table of one's own, of every key") {
        const Tables mine = tables(
            box("'pfm': 'p', 'pmu': 'armv8_mine', 'formats': 'armv8', 'width': 4, 'constants': {'my_number': 2.5},"
                "'counters': {'generic': 6, 'alone': 8, 'fixed': ['cycles', 'slots']},"
                "'events': {'cycles': {'e': 'event=0x11', 'on': 'fixed0,any'},"
                "           'mine': {'e': 'event=0x99,long', 'pfm': 'X', 'sysfs': 's', 'scale': 64, 'unit': 'B', "
                "                    'quality': 'proxy', 'scope': 'l3', 'counts': 'something'}}"));
        const CpuTable& table = mine.state().table_for("midr-ff-001");
        CHECK(table.id == "box");
        CHECK(table.core_pmu == "armv8_mine");
        CHECK(table.width == 4);
        CHECK(table.counters.generic == 6);
        CHECK(table.generic_alone == 8);
        CHECK(table.counters.fixed_cycles == 1);
        CHECK(table.counters.fixed_instructions == 0);
        CHECK(table.counters.fixed_slots == 1);
        REQUIRE(table.constants.size() == 1);
        CHECK(table.constants[0].value == 2.5);
        const RoleEvent* event = mine.state().find_role("mine", "midr-ff-001");
        REQUIRE(event != nullptr);
        CHECK(event->terms == "event=0x99,long");
        CHECK(event->scale == 64);
        CHECK(event->quality == "proxy");
        // What it lacks is still the generic table's.
        CHECK(mine.state().find_role("instructions", "midr-ff-001")->generic == "instructions");
        CHECK(mine.cpus().front().id == "box");
        CHECK(mine.cpus().back().id == "generic");
        CHECK(mine.machine("box"));
    }

    TEST_CASE("a change of a built-in table goes key by key and role by role") {
        const Tables mine = tables(cpus("'neoverse-n1': {'width': 4, 'events': {'llc_misses': {'e': 'event=0x2a'},"
                                        "'stall_backend': null, 'mine': {'e': 'event=0x99'}}}"));
        const CpuTable& before = builtin("neoverse-n1");
        const CpuTable& table = mine.state().table_for("midr-41-d0c");
        CHECK(&table == mine.state().find_table("neoverse-n1"));
        CHECK(table.title == before.title);
        CHECK(table.width == 4);
        CHECK(same_counters(table, before));
        CHECK(table.find("llc_misses")->terms == "event=0x2a");
        CHECK(table.find("llc_misses")->counts.empty()); // the event is another, whole
        CHECK(table.find("stall_backend") == nullptr);
        CHECK(table.find("mine")->terms == "event=0x99");
        CHECK(same_event(*table.find("cycles"), *before.find("cycles")));
        CHECK(table.events.size() == before.events.size());
        CHECK(mine.cpus().size() == Tables::builtin().cpus().size());
        CHECK(builtin("neoverse-n1").width == before.width);
        // A table of its own that says which CPUs it is for goes before the others.
        const Tables wider = tables(cpus("'neoverse-n1': {'match': ['midr-41-d0c', 'midr-41-d4?']}"));
        CHECK(wider.cpus().front().id == "neoverse-n1");
        CHECK(wider.state().table_for("midr-41-d4f").id == "neoverse-n1");
    }

    TEST_CASE("a table may be like a built-in one, or one before it") {
        const Tables mine = tables(cpus("'one': {'title': 'one', 'match': ['midr-ff-001'], 'like': 'neoverse-n1',"
                                        "        'events': {'stall_backend': null, 'llc_misses': {'e': 'event=0x2a'}}},"
                                        "'two': {'title': 'two', 'match': ['midr-ff-002'], 'like': 'one', 'width': 3,"
                                        "        'events': {'mine': {'e': 'event=0x98'}}}"));
        const CpuTable& two = mine.state().table_for("midr-ff-002");
        CHECK(two.id == "two");
        CHECK(two.formats == "armv8");
        CHECK(two.width == 3);
        CHECK(two.find("llc_misses")->terms == "event=0x2a");
        CHECK(two.find("stall_backend") == nullptr);
        CHECK(two.find("mine") != nullptr);
        CHECK(two.pfm == "arm_n1");
        CHECK(same_counters(two, builtin("neoverse-n1")));
        CHECK(mine.cpus()[0].id == "one");
        CHECK(mine.cpus()[1].id == "two");

        CHECK(tables(box("'like': 'neoverse-n1', 'pfm': null, 'events': {}")).state().find_table("box")->pfm.empty());
        check_refusal(box("'pfm': null, 'events': {}"), "cpus.box.pfm: ", "a text");

        check_refusal(box("'like': 'box', 'events': {}"), "cpus.box.like: ", "circle");
        check_refusal(box("'like': 'nosuch', 'events': {}"), "cpus.box.like: ", "no table 'nosuch'");
        check_refusal(box("'like': 'generic', 'events': {}"), "cpus.box.like: ", "fall-back");
        check_refusal(cpus("'one': {'title': 'a', 'match': ['midr-ff-001'], 'like': 'two', 'events': {}},"
                           "'two': {'title': 'a', 'match': ['midr-ff-002'], 'like': 'one', 'events': {}}"),
                      "cpus.one.like: ", "'two' comes later in this file");
        check_refusal(cpus("'neoverse-n1': {'like': 'neoverse-n1'}"), "cpus.neoverse-n1.like: ", "changes the table");
    }

    TEST_CASE("one's own tables match before the built-in ones, of the last document first") {
        const Tables first = tables(cpus("'one': {'title': 'one', 'match': ['midr-41-d0c'], 'events': {}}"));
        CHECK(first.state().table_for("midr-41-d0c").id == "one");
        const Expected<Tables> second = first.with_document(
            test::json(cpus("'two': {'title': 'two', 'match': ['midr-41-d0c'], 'like': 'one', 'events': {}}")),
            "2.json");
        REQUIRE(second);
        CHECK(second->state().table_for("midr-41-d0c").id == "two");
        check_refusal(cpus("'one': {'title': 'one', 'match': ['midr-ff-001'], 'events': {}},"
                           "'two': {'title': 'two', 'match': ['midr-ff-002', 'midr-ff-001'], 'events': {}}"),
                      "cpus.two.match: ", "'midr-ff-001' already belongs to 'one'");
        // Two kinds of cores of one CPU.
        tables(cpus("'big': {'title': 'one', 'match': ['GenuineIntel-6-97'], 'pmu': 'cpu_core', 'events': {}},"
                    "'small': {'title': 'two', 'match': ['GenuineIntel-6-97'], 'pmu': 'cpu_atom', 'events': {}}"));
    }

    TEST_CASE("the generic table: kernel events, one per vendor, and what its names hide") {
        const Tables mine = tables(cpus(
            "'generic': {'events': {'mine': [{'generic': 'minor-faults', 'only': 'midr'}, {'generic': 'major-faults'}],"
            "                       'llc_misses': null, 'page_faults': {'generic': 'minor-faults', 'pmu': 'software'}},"
            "            'names': {'cache-misses': {'AuthenticAMD': 'misses of the L2'}}}"));
        CHECK(mine.state().find_role("mine", "midr-ff-001")->generic == "minor-faults");
        CHECK(mine.state().find_role("mine", "GenuineIntel-6-8F")->generic == "major-faults");
        CHECK(mine.state().find_role("llc_misses", "GenuineIntel-6-FF") == nullptr);
        CHECK(mine.state().find_role("page_faults", "GenuineIntel-6-FF")->generic == "minor-faults");
        CHECK(mine.cpus().back().id == "generic");
        const auto& names = mine.state().generic().names;
        CHECK(std::ranges::any_of(names, [](const KernelName& name) { return name.counts == "misses of the L2"; }));

        check_refusal(cpus("'generic': {'width': 4}"), "cpus.generic: ", "no key 'width'");
        check_refusal(cpus("'generic': {'match': ['midr-ff-001']}"), "cpus.generic: ", "no key 'match'");
        check_refusal(cpus("'generic': {'events': {'mine': []}}"), "cpus.generic.events.mine: ", "empty");
        check_refusal(cpus("'generic': {'events': {'mine': [{'generic': 'a'}, {'generic': 'b'}]}}"),
                      "cpus.generic.events.mine[1]: ", "never reached");
        check_refusal(cpus("'generic': {'events': {'mine': [{'generic': 'a', 'only': 'midr'}, {'generic': 'b', 'only': "
                           "'midr'}]}}"),
                      "cpus.generic.events.mine[1]: ", "two events for 'midr'");
        check_refusal(cpus("'generic': {'events': {'mine': {'generic': 'a', 'only': 'Intel'}}}"),
                      "cpus.generic.events.mine.only: ", "GenuineIntel");
        check_refusal(cpus("'generic': {'names': {'a': {'Intel': 'b'}}}"), "cpus.generic.names.a: ", "'Intel'");
    }

    TEST_CASE("keys that are wrong, missing or too many") {
        check_refusal(cpus("'box': []"), "cpus.box: ", "object");
        check_refusal(cpus("'Box': {}"), "cpus.Box: ", "not an id");
        check_refusal(cpus("'box': {}"), "cpus.box: ", "'title' is missing");
        check_refusal(cpus("'box': {'title': 'a'}"), "cpus.box: ", "'match' is missing");
        check_refusal(cpus("'box': {'title': 'a', 'match': ['midr-ff-001']}"), "cpus.box: ", "'events' is missing");
        check_refusal(box("'events': {}, 'event': {}"), "cpus.box: ", "no key 'event' here; the keys are title, match");
        check_refusal(cpus("'box': {'title': 'a', 'match': [], 'events': {}}"), "cpus.box.match: ", "must name a CPU");
        check_refusal(cpus("'neoverse-n1': {'match': []}"), "cpus.neoverse-n1.match: ", "must name a CPU");
        check_refusal(cpus("'box': {'title': 'a', 'match': 'midr-ff-001', 'events': {}}"),
                      "cpus.box.match: ", "a list");
        check_refusal(cpus("'box': {'title': 'a', 'match': ['Intel-6-8F'], 'events': {}}"),
                      "cpus.box.match[0]: ", "CPU id");
        check_refusal(cpus("'box': {'title': 'a', 'match': ['midr-ff-001', 'midr-ff-001'], 'events': {}}"),
                      "cpus.box.match[1]: ", "twice");
        for (const char* width : {"1000", "-1", "65", "2.5", "'4'", "true", "null", "1e3", "18446744073709551616"})
            check_refusal(box("'events': {}, 'width': " + std::string(width)), "cpus.box.width: ", "from 0 to 64");
        for (const char* count : {"-1", "100", "1.0"})
            check_refusal(box("'events': {}, 'counters': {'generic': " + std::string(count) + "}"),
                          "cpus.box.counters.generic: ", "from 0 to 64");
        check_refusal(box("'events': {}, 'counters': {}"), "cpus.box.counters: ", "'generic' is missing");
        check_refusal(box("'events': {}, 'counters': {'generic': 1, 'fixed': ['time']}"),
                      "cpus.box.counters.fixed[0]: ", "cycles, instructions");
        check_refusal(box("'events': {}, 'counters': {'generic': 1, 'fixes': []}"), "cpus.box.counters: ", "'fixes'");
        check_refusal(box("'events': {}, 'constants': {'other': 1}"), "cpus.box.constants.other: ", "not a constant");
        check_refusal(box("'events': {}, 'constants': {'my_number': '1'}"),
                      "cpus.box.constants.my_number: ", "a number");
        check_refusal(box("'events': {}, 'formats': 'nosuch'"),
                      "cpus.box.formats: ", "there are no formats 'nosuch'; there are ");
        check_refusal(box("'events': []"), "cpus.box.events: ", "object");
    }

    TEST_CASE("events that are wrong") {
        check_refusal(box("'events': {'nosuch': {'e': 'event=1'}}"), "cpus.box.events.nosuch: ", "not a role");
        check_refusal(box("'events': {'kernel_cycles': {'e': 'event=1'}}"),
                      "cpus.box.events.kernel_cycles: ", "made out of 'cycles'");
        check_refusal(event("'event=1'"), "cpus.box.events.cycles: ", "object");
        check_refusal(event("[{'e': 'event=1'}]"), "cpus.box.events.cycles: ", "only the generic table");
        check_refusal(event("{}"), "cpus.box.events.cycles: ", "either 'e'");
        check_refusal(event("{'e': 'event=1', 'generic': 'cycles'}"), "cpus.box.events.cycles: ", "either 'e'");
        check_refusal(event("{'generic': 'cycles'}"), "cpus.box.events.cycles: ", "generic table");
        check_refusal(event("{'e': 'event=1', 'mask': 1}"), "cpus.box.events.cycles: ", "'mask'");
        check_refusal(event("{'e': ''}"), "cpus.box.events.cycles.e: ", "not empty");
        check_refusal(event("{'e': 17}"), "cpus.box.events.cycles.e: ", "a text");
        check_refusal(event("{'e': 'event'  , 'on': 'fixed'}"), "cpus.box.events.cycles.on: ", "'fixed' is not");
        check_refusal(event("{'e': 'event=1e'}"), "cpus.box.events.cycles.e: ", "'event=1e' is not a list of terms");
        check_refusal(event("{'e': 'cpu/event=1'}"), "cpus.box.events.cycles.e: ", "not a list of terms");
        check_refusal(event("{'e': 'l3/event=1/', 'pmu': 'l3'}"),
                      "cpus.box.events.cycles: ", "both in 'e' and in 'pmu'");
        check_refusal(event("{'e': 'event=1', 'quality': 'good'}"),
                      "cpus.box.events.cycles.quality: ", "exact, approx");
        check_refusal(event("{'e': 'event=1', 'quality': 'proxy'}"), "cpus.box.events.cycles: ", "'counts'");
        check_refusal(event("{'e': 'event=1', 'scope': 'core'}"), "cpus.box.events.cycles.scope: ", "task, l3");
        check_refusal(event("{'e': 'event=1', 'only': 'Arm'}"), "cpus.box.events.cycles.only: ", "midr");
        for (const char* scale : {"0", "-1"})
            check_refusal(event("{'e': 'event=1', 'scale': " + std::string(scale) + "}"),
                          "cpus.box.events.cycles.scale: ", "above 0");
        check_refusal(event("{'e': 'event=1', 'scale': '64'}"), "cpus.box.events.cycles.scale: ", "a number");
    }

    TEST_CASE("events are encoded through the formats, where these are known") {
        const auto refused = [](std::string_view terms, std::string_view what) {
            check_refusal(cpus("'neoverse-n1': {'events': {'cycles': {'e': '" + std::string(terms) + "'}}}"),
                          "cpus.neoverse-n1.events.cycles: the event of 'cycles'", what);
        };
        refused("event=0x10000", "'event' has 16 bits");
        refused("umask=0x1", "unknown term 'umask'");
        refused("amd_l3/event=0x1/", "have no PMU 'amd_l3'");
        // Of a table of one's own without formats nothing is known but the notation.
        CHECK(test::over_builtin(event("{'e': 'event=0x10000,umask=0x1'}")));
        CHECK(test::over_builtin(event("{'e': 'amd_l3/event=0x1/'}")));
    }
}
