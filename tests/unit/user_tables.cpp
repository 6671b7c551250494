#include "environment_variable.hpp"
#include "table/tables_state.hpp"
#include "user_text.hpp"

#include <pmc/metric_set.hpp>

#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <random>

using namespace pmc;
using pmc::test::EnvironmentVariable;

namespace {

std::string example_path() {
    return std::string(std::getenv("PMC_SOURCE_ROOT")) + "/examples/tables/my-tables.json";
}

std::string example() {
    std::ifstream file(example_path());
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Everything that points into a document is read once, for the sanitizers.
std::size_t length_of_all(const Tables& tables) {
    std::size_t length = 0;
    for (const Tables::Cpu& cpu : tables.cpus())
        length += cpu.id.size() + cpu.title.size();
    for (const MetricDef& metric : tables.state().metrics) {
        length += std::string(metric.id).size() + std::string(metric.read).size();
        for (const MetricVariant& variant : metric.variants) {
            for (const MetricValueDef& value : variant.values)
                length += std::string(value.id).size() + std::string(value.formula).size();
            for (const std::string_view need : variant.needs)
                length += std::string(need).size();
        }
    }
    for (const RoleInfo& role : tables.state().roles)
        length += std::string(role.role).size() + std::string(role.title).size();
    return length;
}

} // namespace

TEST_SUITE("user_tables") {
    TEST_CASE("the example of docs/tables.md") {
        const Expected<Tables> mine = Tables::builtin().with_file(example_path());
        if (!mine)
            FAIL(mine.error().what());
        CHECK(mine->state().find_metric("fault_time") != nullptr);
        CHECK(mine->state().find_metric("cpi")->standard);
        CHECK(mine->state().table_for("midr-41-d49").id == "our-board");
        CHECK(mine->state().find_role("llc_misses", "midr-41-d0c")->terms == "event=0x2a");

        const Expected<Machine> board = mine->machine("our-board");
        REQUIRE(board);
        const Expected<MetricSet> set = MetricSet::parse("cpi,fault_time", *board, *mine);
        REQUIRE(set);
        CHECK(set->table() == "our-board");
    }

    TEST_CASE("a faulty document leaves the tables as they were") {
        const std::size_t metrics = Tables::builtin().state().metrics.size();
        CHECK_FALSE(Tables::builtin().with_document(R"({"roles": {"fine": {"title": "a"}}, "metrics": {"x": {}}})",
                                                    "mine.json"));
        CHECK(Tables::builtin().state().metrics.size() == metrics);
        CHECK(Tables::builtin().state().find_role_info("fine") == nullptr);
    }

    TEST_CASE("tables over tables keep what they point into, whatever else is gone") {
        std::optional<Tables> upper;
        {
            const Tables first =
                test::tables("{'roles': {'of_the_first_document': {'title': 'first title'}},"
                             " 'cpus': {'first': {'title': 'first', 'match': ['midr-ff-001'], 'events': "
                             "{'of_the_first_document': {'e': 'event=0x1'}}}}}");
            upper = *first.with_document(
                test::json(
                    "{'metrics': {'over': {'title': 'a', 'read': 'b', 'source': 'c', 'unit': 'u', 'values': "
                    "{'v': {'label': 'l', 'formula': 'of_the_first_document / seconds'}}}},"
                    " 'cpus': {'second': {'title': 'a', 'match': ['midr-ff-002'], 'like': 'first', 'events': {}}}}"),
                "second.json");
        }
        const Tables copy = *upper;
        upper.reset();
        CHECK(copy.state().find_role_info("of_the_first_document")->title == "first title");
        CHECK(copy.state().find_role("of_the_first_document", "midr-ff-002")->terms == "event=0x1");
        CHECK(copy.state().find_metric_value("over.v").id == "over.v");
        CHECK(copy.state().find_metric("over")->variants[0].needs ==
              std::vector<std::string_view>{"of_the_first_document"});
        CHECK(length_of_all(copy) > length_of_all(Tables::builtin()));
    }

    TEST_CASE("PMC_TABLES names files, and an error says that it does") {
        {
            const EnvironmentVariable variable("PMC_TABLES", ":" + example_path() + "::");
            const Expected<Tables> tables = Tables::from_environment();
            REQUIRE(tables);
            CHECK(tables->state().find_metric("fault_time") != nullptr);
            CHECK(MetricSet::parse("fault_time", Machine::host()));
        }
        {
            const EnvironmentVariable variable("PMC_TABLES", example_path() + ":/no/such/file");
            const Expected<Tables> tables = Tables::from_environment();
            REQUIRE(!tables);
            CHECK(tables.error().message() == "cannot read /no/such/file: No such file or directory");
            CHECK(tables.error().hint().find("PMC_TABLES") != std::string::npos);
            CHECK(tables.error().error_number() == ENOENT);
            CHECK_FALSE(MetricSet::parse("ipc", Machine::host()));
        }
        CHECK(Tables::from_environment()->state().find_metric("fault_time") == nullptr);
    }

    TEST_CASE("ten thousand mutations of a valid document: tables or an error, never anything else") {
        const std::string valid = example();
        std::mt19937 random(20240601); // NOLINT: the same every time
        const auto below = [&random](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
        constexpr std::string_view telling = "{}[]\",:0189-+.eE*/()`\\nu\0\xff\x80 ";
        int taken = 0;
        int refused = 0;
        for (int i = 0; i < 10'000; ++i) {
            std::string mutated = valid;
            for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
                const std::size_t at = below(mutated.size());
                switch (below(4)) {
                case 0:
                    mutated[at] = static_cast<char>(mutated[at] ^ (1 << below(8)));
                    break;
                case 1:
                    mutated[at] = telling[below(telling.size())];
                    break;
                case 2:
                    mutated.erase(at, 1 + below(20));
                    break;
                default:
                    mutated.insert(at, valid.substr(below(valid.size()), below(30)));
                    break;
                }
            }
            const Expected<Tables> tables = Tables::builtin().with_document(mutated, "mine.json");
            if (tables) {
                ++taken;
                if (length_of_all(*tables) == 0)
                    FAIL("the tables are empty");
                continue;
            }
            ++refused;
            const std::string& message = tables.error().message();
            if (!message.starts_with("mine.json: ") || !test::is_printable(message) || tables.error().hint().empty())
                FAIL(message);
        }
        // Texts can be changed; nearly everything else can't.
        CHECK(taken > 100);
        CHECK(refused > 1000);
    }
}
