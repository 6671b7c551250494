// pmcstat --backend model-regions: a program with regions and measurements under callgrind, whose counts are exact.
#include "process.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using process::pmcstat;

namespace {

constexpr int times = 5;
constexpr std::uint64_t rounds = 1'000'000; // two instructions each

/// A folder for temporary files, which must be empty when all is over.
class TemporaryFolder {
public:
    TemporaryFolder() {
        path_ = process::scratch() + "/tmp.XXXXXX";
        REQUIRE(mkdtemp(path_.data()) != nullptr);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { CHECK(rmdir(path_.c_str()) == 0); }

    [[nodiscard]] process::Setting setting() const {
        process::Setting setting;
        setting.in_child = [path = path_] {
            unsetenv("PMC_REPORT");
            unsetenv("PMC_EVENTS");
            setenv("TMPDIR", path.c_str(), 1);
        };
        return setting;
    }

private:
    std::string path_;
};

/// model_work in `mode`, counted as JSON; without arguments its default.
Outcome run_work(std::vector<std::string> words, const std::string& format = "json") {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{"--backend", "model-regions", "-e", "instructions,cycles,llc_misses",
                                       "--format",  format,          "--", process::program("model_work")};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return pmcstat(arguments, folder.setting());
}

Json document(const Outcome& outcome) {
    CAPTURE(outcome.err);
    const Json result = Json::parse(outcome.err, nullptr, false);
    REQUIRE(result.is_object());
    return result;
}

/// The raw count of an event in the sample of a scope; -1: there is none.
std::int64_t count_of(const Json& result, const std::string& scope, const std::string& id, const std::string& event) {
    for (const Json& sample : result["samples"]) {
        if (sample["scope"] != scope || (!id.empty() && sample["id"] != id))
            continue;
        const Json found = find_by(sample["events"], "name", event);
        return found.is_object() && found.contains("raw") && found["raw"].is_number() ? found["raw"].get<std::int64_t>()
                                                                                      : -1;
    }
    return -1;
}

} // namespace

TEST_SUITE("model_regions") {
    TEST_CASE("a region's loop is counted to the instruction, and the same in each run") {
        std::set<std::int64_t> inner, outer, self, cycles;
        for (int i = 0; i < times; ++i) {
            const Outcome outcome = run_work({"regions", std::to_string(rounds)});
            REQUIRE(outcome.status == 0);
            const Json result = document(outcome);
            CHECK(result["run"]["backend"] == "model");
            CHECK(contains(result["run"]["model"], "callgrind-"));
            const std::int64_t empty = count_of(result, "region", "empty", "instructions");
            REQUIRE(empty > 0);
            inner.insert(count_of(result, "region", "inner", "instructions") - empty);
            outer.insert(count_of(result, "region", "outer", "instructions"));
            self.insert(count_of(result, "region_self", "outer", "instructions"));
            cycles.insert(count_of(result, "region", "inner", "cycles"));
        }
        CAPTURE(*inner.begin());
        // The number of rounds has to be brought to its register: a load, or an instruction or two.
        CHECK(inner.size() == 1);
        CHECK(*inner.begin() >= std::int64_t{2 * rounds});
        CHECK(*inner.begin() <= std::int64_t{2 * rounds} + 4);
        CHECK(outer.size() == 1);
        CHECK(*outer.begin() > std::int64_t{4 * rounds});
        CHECK(*outer.begin() < std::int64_t{4 * rounds} + 2'000);
        CHECK(self.size() == 1);
        CHECK(*self.begin() > std::int64_t{2 * rounds});
        CHECK(*self.begin() < std::int64_t{2 * rounds} + 2'000);
        CHECK(cycles.size() == 1);
    }

    TEST_CASE("reading is in no count: the command's own are little more than what its regions do") {
        const Json few = document(run_work({"many", "100"}));
        const Json many = document(run_work({"many", "1100"}));
        const auto of_command = [](const Json& result) { return count_of(result, "process", "", "instructions"); };
        REQUIRE(of_command(few) > 0);
        const std::int64_t each = (of_command(many) - of_command(few)) / 1000;
        CHECK(each > 20);
        CHECK(each < 500); // to ask callgrind once takes more
    }

    TEST_CASE("tens of thousands of calls: each is counted, and no room on the disk is used up") {
        const Outcome outcome = run_work({"many", "30000"});
        REQUIRE(outcome.status == 0);
        const Json result = document(outcome);
        const Json region = find_by(result["samples"], "id", "outer");
        REQUIRE(region.is_object());
        CHECK(region["region"]["calls"] == 30'000);
        CHECK(count_of(result, "region", "outer", "instructions") > 30'000 * 20);
    }

    TEST_CASE("measure() in a program tells the same in each run, and no time") {
        std::set<std::string> told;
        for (int i = 0; i < times; ++i) {
            const Outcome outcome = run_work({"measure", std::to_string(rounds)});
            CAPTURE(outcome.err);
            CAPTURE(outcome.out);
            REQUIRE(outcome.status == 0);
            told.insert(outcome.out);
        }
        REQUIRE(told.size() == 1);
        CAPTURE(*told.begin());
        const std::string& text = *told.begin();
        CHECK((contains(text, "instructions 2000000 2000000 2000000\n") ||
               contains(text, "instructions 2000001 2000001 2000001\n")));
        CHECK(contains(text, "runs 10, undisturbed, seconds not told, backend model, model callgrind-"));
    }

    TEST_CASE("a group by hand reads the model") {
        const Outcome outcome = run_work({"group", std::to_string(rounds)});
        CAPTURE(outcome.out);
        CHECK(contains(outcome.out, "model " + std::to_string(2 * rounds - 2) + "\n"));
    }

    TEST_CASE("each thread's regions are its own, though both run at once") {
        std::set<std::int64_t> counts;
        for (int i = 0; i < times; ++i) {
            const Json result = document(run_work({"threads", "20000"}));
            const Json region = find_by(result["samples"], "id", "outer");
            REQUIRE(region.is_object());
            CHECK(region["region"]["threads"] == 2);
            CHECK(region["region"]["calls"] == 200);
            CHECK(region["region"]["uncounted"] == 0);
            counts.insert(count_of(result, "region", "outer", "instructions"));
        }
        CHECK(counts.size() == 1);
        CHECK(*counts.begin() > 200 * 40'000);
        CHECK(*counts.begin() < 200 * 40'000 + 200 * 2'000);
    }

    TEST_CASE("a fork's child has no regions' counts, and says why; its parent has") {
        const Outcome outcome = run_work({"fork", "1000"});
        REQUIRE(outcome.status == 0);
        const Json result = document(outcome);
        int counted = 0;
        int uncounted = 0;
        for (const Json& sample : result["samples"]) {
            if (sample["scope"] != "region" || sample["id"] != "inner")
                continue;
            if (sample["region"]["uncounted"] == 0) {
                ++counted;
                continue;
            }
            ++uncounted;
            CHECK(contains(sample["region"].dump(), "was forked from"));
        }
        CHECK(counted == 1);
        CHECK(uncounted == 1);
    }

    TEST_CASE("a program that knows nothing of libpmc has its counts all the same") {
        const TemporaryFolder folder;
        std::set<std::int64_t> counts;
        for (int i = 0; i < times; ++i) {
            const Outcome outcome =
                pmcstat({"--backend", "model-regions", "-e", "instructions", "--format", "json", "--", "/bin/true"},
                        folder.setting());
            REQUIRE(outcome.status == 0);
            counts.insert(count_of(document(outcome), "process", "", "instructions"));
        }
        CHECK(counts.size() == 1);
        CHECK(*counts.begin() > 10'000);
    }

    TEST_CASE("the command's status is pmcstat's") {
        const Outcome outcome = run_work({"status", "7"});
        CHECK(outcome.status == 7);
    }

    TEST_CASE("as text, what is modelled has its mark") {
        const Outcome outcome = run_work({"regions", "1000"}, "text");
        CAPTURE(outcome.err);
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "  inner   1 call\n"));
        CHECK(contains(outcome.err, "    instructions   "));
        const std::size_t region = outcome.err.find("  inner   1 call\n");
        CHECK(outcome.err.find(" ~", region) != std::string::npos);
        CHECK(contains(outcome.err, "modelled by valgrind, not measured: callgrind-"));
    }

    TEST_CASE("what the user has set for regions stays") {
        const TemporaryFolder folder;
        process::Setting setting = folder.setting();
        setting.in_child = [before = setting.in_child] {
            before();
            setenv("PMC_EVENTS", "branches", 1);
        };
        const Outcome outcome = pmcstat({"--backend", "model-regions", "-e", "instructions", "--format", "json", "--",
                                         process::program("model_work"), "regions", "1000"},
                                        setting);
        const Json result = document(outcome);
        CHECK(count_of(result, "region", "inner", "instructions") == -1);
        CHECK(count_of(result, "region", "inner", "branches") >= 1000);
        CHECK(count_of(result, "process", "", "instructions") > 0);
    }
}
