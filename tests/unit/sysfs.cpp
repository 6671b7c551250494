#include "event/resolver.hpp"
#include "printable.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <random>

namespace {

using namespace pmc;
using pmc::test::captured;
using pmc::test::is_printable;

Event resolved(std::string_view name, const Machine& machine) {
    INFO(name);
    Resolved event = resolve_sysfs(name, machine);
    REQUIRE(event.has_value());
    REQUIRE_MESSAGE(event->has_value(), event->error().message());
    return **event;
}

Error failure(std::string_view name, const Machine& machine) {
    INFO(name);
    Resolved event = resolve_sysfs(name, machine);
    REQUIRE(event.has_value());
    REQUIRE_FALSE(event->has_value());
    return event->error();
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// A PMU whose driver leaves a value to the user.
Pmu made_up_pmu() {
    Pmu pmu;
    pmu.name = "hv";
    pmu.type = 40;
    pmu.cpumask = {0};
    pmu.formats = {{"domain", "config:0-3"}, {"offset", "config:32-63"}};
    pmu.events = {{"busy", {"domain=?,offset=0x8", 1.0, ""}}};
    return pmu;
}

} // namespace

TEST_SUITE("sysfs") {
    TEST_CASE("raw terms go through the PMU's formats") {
        const Event event = resolved("cpu/event=0x1a0,umask=0x1,cmask=2/", captured("zen4"));
        CHECK(event.name == "cpu/event=0x1a0,umask=0x1,cmask=2/");
        CHECK(event.type == 4);
        CHECK(event.config == 0x1020001a0); // event bits 11:8 stand in 35:32
        CHECK(event.pmu == "cpu");
        CHECK(event.encoding == "cpu/event=0x1a0,umask=0x1,cmask=0x2/");
        CHECK(event.source == EventSource::sysfs);
        CHECK(event.cpus.empty());
        CHECK_FALSE(event.unavailable);
    }

    TEST_CASE("config words may be given whole") {
        const Event event = resolved("armv8_pmuv3_0/config=0x8,config1=0x3/", captured("neoverse-n1"));
        CHECK(event.config == 0x8);
        CHECK(event.config1 == 0x3);
        CHECK(event.type == 8);
    }

    TEST_CASE("an event that the driver lists brings its scale, its unit and the PMU's CPUs") {
        const Event energy = resolved("power/energy-pkg/", captured("zen4"));
        CHECK(energy.config == 0x2);
        CHECK(energy.scale == 0x1p-32);
        CHECK(energy.unit == "Joules");
        CHECK(energy.cpus == std::vector<int>{0});
        CHECK(energy.encoding == "power/event=0x2/");
        CHECK(resolved("amd_l3/event=0x4,umask=0x1/", captured("zen4")).cpus == std::vector<int>{0, 8, 16, 24});
    }

    TEST_CASE("what is written out overrides what a listed event stands for, wherever it is written") {
        const Machine machine = captured("zen4");
        CHECK(resolved("cpu/cache-misses/", machine).config == 0x0964);
        CHECK(resolved("cpu/cache-misses,umask=0x1/", machine).config == 0x0164);
        CHECK(resolved("cpu/umask=0x1,cache-misses/", machine).config == 0x0164);
        CHECK(resolved("cpu/cache-misses,cmask=1/", machine).config == 0x1000964);
    }

    TEST_CASE("white space and the notation of numbers make no difference") {
        const Event event = resolved("cpu/ event = 0X3C , umask=010, edge /", captured("zen4"));
        CHECK(event.config == 0x4083c);
        CHECK(event.encoding == "cpu/event=0x3c,umask=0x8,edge/");
    }

    TEST_CASE("an unknown term is pointed at, and the hint lists what there is") {
        const Error error = failure("cpu/event=1,umsk=2/", captured("zen4"));
        CHECK(error.kind() == ErrorKind::syntax);
        CHECK(contains(error.message(), "'umsk'"));
        CHECK(contains(error.message(), "\n  cpu/event=1,umsk=2/\n              ^"));
        CHECK(contains(error.hint(), "umask"));
        CHECK(contains(error.hint(), "cache-misses"));
        CHECK(error.subject() == "cpu/event=1,umsk=2/");
    }

    TEST_CASE("terms that can't be read are errors that point at them") {
        const Machine machine = captured("zen4");
        for (const char* name : {"cpu//", "cpu/,/", "cpu/event=1,/", "cpu/event=/", "cpu/event=zz/", "cpu/umask=0x100/",
                                 "cpu/=1/", "cpu/event=-1/", "cpu/config/"}) {
            const Error error = failure(name, machine);
            CHECK(error.kind() == ErrorKind::syntax);
            CHECK(contains(error.message(), "\n  "));
            CHECK_FALSE(error.hint().empty());
        }
        CHECK(contains(failure("cpu/event=1,event=2/", machine).message(), "'event' is given twice"));
        CHECK(contains(failure("cpu/cache-misses,cpu-cycles/", machine).message(), "a second event, 'cpu-cycles'"));
    }

    TEST_CASE("an unknown PMU is an error that names those there are, the nearest first") {
        const Error error = failure("pover/energy-pkg/", captured("zen4"));
        CHECK(error.kind() == ErrorKind::unknown_name);
        CHECK(contains(error.message(), "'pover'"));
        CHECK(contains(error.hint(), "did you mean 'power'?"));
        CHECK(contains(error.hint(), "amd_l3"));
        CHECK(failure("../../etc/", captured("zen4")).kind() == ErrorKind::syntax);
        CHECK(failure("../x/", captured("zen4")).kind() == ErrorKind::unknown_name);
    }

    TEST_CASE("the slash must be closed, and be the last") {
        CHECK(contains(failure("cpu/event=1", captured("zen4")).message(), "not closed"));
        CHECK(contains(failure("cpu/event=1/x", captured("zen4")).message(), "after the closing '/'"));
    }

    TEST_CASE("a name without a slash is none of a PMU") {
        CHECK_FALSE(resolve_sysfs("cycles", captured("zen4")).has_value());
    }

    TEST_CASE("a value that the driver leaves to the user must be given") {
        const Machine machine = captured("zen4");
        const Pmu pmu = made_up_pmu();
        const Expected<Event> given = event_of_terms(machine, pmu, "busy,domain=2");
        REQUIRE(given.has_value());
        CHECK(given->config == 0x800000002);
        const Expected<Event> missing = event_of_terms(machine, pmu, "busy");
        REQUIRE_FALSE(missing.has_value());
        CHECK(contains(missing.error().message(), "a value for 'domain'"));
        CHECK(contains(missing.error().hint(), "hv/busy,domain="));
    }

    TEST_CASE("an architected Arm code that the PMU does not list would count 0 for ever: it is not available") {
        const Machine lab = captured("qemu-n1");
        for (const char* name : {"armv8_pmuv3/event=0x37/", "armv8_pmuv3/event=0x3/", "armv8_pmuv3/config=0x4000/",
                                 "armv8_pmuv3/event=0x403f/", "armv8_pmuv3/event=0x3f,long=1/"}) {
            const Event event = resolved(name, lab);
            CHECK(event.unavailable.cause == Cause::not_on_this_cpu);
            CHECK(contains(event.unavailable.evidence, "armv8_pmuv3"));
        }
        CHECK(contains(resolved("armv8_pmuv3/event=0x37/", lab).unavailable.evidence, "0x37"));
    }

    TEST_CASE("codes that the PMU lists, by whatever name, and the vendor's own are left to the kernel") {
        for (const char* name : {"armv8_pmuv3/event=0x8/", "armv8_pmuv3/event=0x11,long=1/", "armv8_pmuv3/cpu_cycles/",
                                 "armv8_pmuv3/event=0x40/", "armv8_pmuv3/event=0x4040/", "armv8_pmuv3/event=0x3fff/"})
            CHECK_FALSE(resolved(name, captured("qemu-n1")).unavailable);
        CHECK_FALSE(resolved("armv8_pmuv3_0/event=0x37/", captured("neoverse-n1")).unavailable);
        CHECK_FALSE(resolved("cpu/event=0x37/", captured("zen4")).unavailable);
        CHECK_FALSE(resolved("arm_cmn_0/type=5/", captured("neoverse-n1")).unavailable);
    }

    TEST_CASE("a PMU that lists no events at all says nothing about its codes") {
        Pmu pmu = *captured("qemu-n1").pmu("armv8_pmuv3");
        pmu.events.clear();
        CHECK_FALSE(not_advertised(captured("qemu-n1"), pmu, 0x37));
    }

    TEST_CASE("hostile terms end in an event or an error, never in a crash") {
        const Machine machine = captured("zen4");
        std::mt19937 random(7); // NOLINT: the same bytes every time
        constexpr std::string_view alphabet = "event=umask,0x19 cache-misses?\x01\xff/";
        for (int round = 0; round < 20000; ++round) {
            std::string terms(random() % 16, ' ');
            for (char& c : terms)
                c = alphabet[random() % alphabet.size()];
            const Resolved event = resolve_sysfs("cpu/" + terms + "/", machine);
            REQUIRE(event.has_value());
            if (!*event)
                CHECK(is_printable(event->error().message()));
        }
        CHECK(failure("cpu/" + std::string(60000, ',') + "/", machine).kind() == ErrorKind::syntax);
    }
}
