#include "event/resolver.hpp"
#include "printable.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

namespace {

using namespace pmc;
using pmc::test::captured;
using pmc::test::is_printable;

EventSource source_of(std::string_view name, const Machine& machine) {
    INFO(name);
    const Expected<Event> event = resolve_event(name, machine, Tables::builtin());
    REQUIRE_MESSAGE(event.has_value(), event.error().message());
    CHECK(event->name == name);
    return event->source;
}

Error failure(std::string_view name, const std::vector<std::string>& also_known = {}) {
    const Expected<Event> event = resolve_event(name, captured("zen4"), Tables::builtin(), also_known);
    REQUIRE_FALSE(event.has_value());
    return event.error();
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

} // namespace

TEST_SUITE("resolver") {
    TEST_CASE("a name's shape comes first, then the kernel's names") {
        const Machine machine = captured("zen4");
        CHECK(source_of("cpu/cache-misses/", machine) == EventSource::sysfs);
        CHECK(source_of("rc0", machine) == EventSource::raw);
        CHECK(source_of("cycles", machine) == EventSource::generic);
        CHECK(source_of("task-clock", machine) == EventSource::software);
        CHECK(source_of("LLC-loads", machine) == EventSource::cache);
        CHECK(source_of("ref-cycles", machine) == EventSource::generic);
        CHECK(source_of("sched:sched_switch", machine) == EventSource::tracepoint);
    }

    TEST_CASE("an unknown name is an error that suggests the nearest known") {
        const Error error = failure("cylces");
        CHECK(error.kind() == ErrorKind::unknown_name);
        CHECK(error.stage() == Stage::resolve);
        CHECK(error.message() == "unknown event 'cylces'");
        CHECK(contains(error.hint(), "did you mean 'cycles'"));
        CHECK(error.subject() == "cylces");
    }

    TEST_CASE("the caller's own names are suggested, too") {
        CHECK(contains(failure("topdwn", {"topdown"}).hint(), "'topdown'"));
        CHECK_FALSE(contains(failure("topdwn").hint(), "'topdown'"));
    }

    TEST_CASE("a PMU alone is told how its events are named") {
        CHECK(contains(failure("power").hint(), "power/energy-pkg/"));
    }

    TEST_CASE("a name near to nothing is told where the names are") {
        CHECK(contains(failure("zzzzzzzzzz").hint(), "pmcstat list"));
    }

    TEST_CASE("what is wrong with a name of a known shape is said, and nothing else is tried") {
        CHECK(failure("cpu/nonsense=1/").kind() == ErrorKind::syntax);
        CHECK(contains(failure("nopmu/x/").message(), "'nopmu'"));
        CHECK(contains(failure("amd64_fam19h_zen4::NONSENSE").message(), "amd64_fam19h_zen4") == has_libpfm4());
    }

    TEST_CASE("hostile names are errors in printable characters") {
        for (const std::string& name : {std::string(), std::string(100000, 'a'), std::string("a\0b", 3),
                                        std::string("\x1b[31m"), std::string(300, ':'), std::string("%n%s")}) {
            const Error error = failure(name);
            CHECK(error.message().size() < 200);
            CHECK(is_printable(error.message() + error.hint() + error.subject()));
        }
    }

    TEST_CASE("encodings have one notation") {
        CHECK(config_encoding("cpu", 0) == "cpu/config=0x0/");
        CHECK(config_encoding("cpu", 0x1b7, 0x3f, 1) == "cpu/config=0x1b7,config1=0x3f,config2=0x1/");
    }

    TEST_CASE("sources and modes have names") {
        CHECK(to_string(EventSource::generic) == "generic");
        CHECK(to_string(EventSource::libpfm4) == "libpfm4");
        CHECK(to_string(EventSource::tracepoint) == "tracepoint");
        CHECK(to_string(Mode::user) == "user");
        CHECK(to_string(Mode::kernel) == "kernel");
        CHECK(to_string(Mode::user_kernel) == "user+kernel");
    }
}
