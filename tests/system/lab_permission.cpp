// Another user, and a kernel that forbids. Run as root in the lab, where kernel.perf_event_paranoid may be changed.
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

using fault::Paranoid;
using process::pmcstat;
using process::program;

namespace {

Outcome as_nobody(std::vector<std::string> arguments) {
    process::Setting setting;
    setting.in_child = fault::become_nobody;
    return pmcstat(std::move(arguments), setting);
}

} // namespace

TEST_SUITE("lab permission") {
    TEST_CASE("paranoid 2: a user counts user mode, exactly, under the same names, and the mode says so") {
        const Paranoid level(2);
        const Outcome outcome = as_nobody({"--format", "json", "-e", "instructions,ipc,page-faults,context-switches",
                                           "--", program("exact_1000000")});
        CAPTURE(outcome.err);
        REQUIRE(outcome.status == 0);
        const Json json = Json::parse(outcome.err);
        CHECK(json["run"]["mode"] == "user");
        const Json& sample = json["samples"][0];
        CHECK(find_by(sample["events"], "name", "instructions")["raw"] == 1'000'000);
        CHECK(find_by(sample["metrics"], "id", "ipc")["value"].is_number());
        CHECK(find_by(sample["events"], "name", "page-faults")["raw"] >= 1);
        const Json switches = find_by(sample["events"], "name", "context-switches");
        CHECK(switches["raw"].is_null());
        CHECK(switches["cause"] == "needs_kernel_mode");
        CHECK(contains(as_nobody({"-e", "ipc", "--", "true"}).err, ", user, "));
    }

    TEST_CASE("paranoid 2: what asks for the kernel is refused with the level and the remedy") {
        const Paranoid level(2);
        const Outcome outcome = as_nobody({"-e", "instructions:k,task-clock", "--", "true"});
        CAPTURE(outcome.err);
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "perf_event_paranoid"));
        CHECK(contains(outcome.err, "hint: "));
    }

    TEST_CASE("paranoid 3 on Debian: nothing can be counted, the command runs, and the reason is told once") {
        const Paranoid level(3);
        const Outcome outcome = as_nobody({"-e", "ipc", "--", "sh", "-c", "exit 5"});
        CAPTURE(outcome.err);
        CHECK(outcome.status == 5);
        CHECK(contains(outcome.err, "n/a"));
        CHECK(contains(outcome.err, "perf_event_paranoid"));
        CHECK(contains(outcome.err, "hint: "));
        CHECK(contains(outcome.err, "time"));
    }

    TEST_CASE("root is not touched by the level") {
        const Paranoid level(3);
        const Outcome outcome = pmcstat({"--format", "json", "-e", "instructions:u", "--", program("exact_1000000")});
        CHECK(find_by(Json::parse(outcome.err)["samples"][0]["events"], "name", "instructions:u")["raw"] == 1'000'000);
    }
}
