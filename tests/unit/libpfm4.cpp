#include "event/libpfm4_library.hpp"
#include "event/resolver.hpp"
#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <unistd.h>

namespace {

using namespace pmc;
using pmc::test::captured;

// libpfm4 reads it when it is initialised, which the first test of any file may do. A test that runs this program again
// wants it without.
[[maybe_unused]] const int encode_inactive =
    std::getenv("PMC_TEST_ACTIVE_ONLY") == nullptr ? setenv("LIBPFM_ENCODE_INACTIVE", "1", 1) : 0;

// A build of libpfm4 knows the models of its own architecture only.
#if defined(__aarch64__)
constexpr std::string_view model = "arm_n1";
constexpr std::string_view other_model = "arm_v1";
constexpr std::string_view bare_name = "LL_CACHE_MISS_RD";
constexpr std::uint64_t code = 0x37;
constexpr const char* tree = "neoverse-n1";
constexpr std::string_view match = "midr-41-d0c";
#else
constexpr std::string_view model = "amd64_fam19h_zen4";
constexpr std::string_view other_model = "amd64_fam17h_zen2";
constexpr std::string_view bare_name = "RETIRED_INSTRUCTIONS";
constexpr std::uint64_t code = 0xc0;
constexpr const char* tree = "zen4";
constexpr std::string_view match = "AuthenticAMD-25";
#endif

const Tables tables = make_tables({{.id = "made-up", .match = {match}, .pfm = model}, {.id = "generic"}});
const Tables no_tables = make_tables({{.id = "generic"}});

std::string prefixed(std::string_view name = bare_name, std::string_view of = model) {
    return std::string(of).append("::").append(name);
}

Event resolved(std::string_view name, const Machine& machine, const Tables& with = tables) {
    INFO(name);
    Resolved event = resolve_libpfm4(name, machine, with);
    REQUIRE(event.has_value());
    REQUIRE_MESSAGE(event->has_value(), event->error().message());
    return **event;
}

Error failure(std::string_view name, const Machine& machine, const Tables& with = tables) {
    INFO(name);
    Resolved event = resolve_libpfm4(name, machine, with);
    REQUIRE(event.has_value());
    REQUIRE_FALSE(event->has_value());
    return event->error();
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// What libpfm4 itself says, by its other interface: register values, without the operating system's part.
std::uint64_t code_by_libpfm4(const std::string& name) {
    REQUIRE(has_libpfm4());
    void* handle = dlopen("libpfm.so.4", RTLD_NOW);
    const auto encode = reinterpret_cast<decltype(&pfm_get_event_encoding)>(dlsym(handle, "pfm_get_event_encoding"));
    REQUIRE((encode != nullptr));
    std::uint64_t* codes = nullptr;
    int count = 0;
    REQUIRE(encode(name.c_str(), PFM_PLM0 | PFM_PLM3, nullptr, nullptr, &codes, &count) == PFM_SUCCESS);
    const std::uint64_t first = codes[0];
    std::free(codes);
    dlclose(handle);
    constexpr std::uint64_t privilege_and_enable = 0x530000; // x86: user, kernel, interrupt, enable
    return first & ~privilege_and_enable;
}

/// The output of this program, run again for one test case in another environment.
std::string run_again(const std::string& environment, const std::string& test_case) {
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    REQUIRE(length > 0);
    const std::string command = environment + " '" + std::string(path, static_cast<std::size_t>(length)) +
                                "' --test-case='" + test_case + "' 2>&1";
    std::FILE* pipe = popen(command.c_str(), "r"); // NOLINT(bugprone-*): our own program
    REQUIRE(pipe != nullptr);
    std::string output;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        output += static_cast<char>(c);
    CHECK(pclose(pipe) == 0);
    return output;
}

} // namespace

TEST_SUITE("libpfm4") {
    TEST_CASE("a name with its model is encoded for the core's PMU") {
        const Machine machine = captured(tree);
        const Event event = resolved(prefixed(), machine);
        const std::string& pmu = machine.core_types().front().pmu;
        CHECK(event.name == prefixed());
        CHECK(event.config == code);
        CHECK(event.config == code_by_libpfm4(prefixed()));
        CHECK(event.pmu == pmu);
        CHECK(event.type == machine.pmu(pmu)->type);
        CHECK(event.encoding == config_encoding(pmu, code) + " (" + prefixed() + ")");
        CHECK(event.source == EventSource::libpfm4);
        CHECK_FALSE(event.description.empty());
        CHECK_FALSE(event.unavailable);
        CHECK_FALSE(event.has_mode);
    }

    TEST_CASE("a name without a model is tried with the table's") {
        CHECK(resolved(bare_name, captured(tree)).config == code);
        CHECK(resolved(bare_name, captured(tree)).name == bare_name);
        CHECK_FALSE(resolve_libpfm4(bare_name, captured(tree), no_tables).has_value());
    }

    TEST_CASE("a mode in libpfm4's own notation is kept as a mode") {
        const Event user = resolved(prefixed() + ":u=1", captured(tree));
        CHECK(user.has_mode);
        CHECK(user.mode == Mode::user);
        const Event kernel = resolved(prefixed() + ":k", captured(tree));
        CHECK(kernel.has_mode);
        CHECK(kernel.mode == Mode::kernel);
        CHECK_FALSE(resolved(prefixed() + ":u:k", captured(tree)).has_mode);
    }

    TEST_CASE("another model's event would open, and count something else: it is not available") {
        const std::string_view common = model == "arm_n1" ? "CPU_CYCLES" : "RETIRED_INSTRUCTIONS";
        const Event event = resolved(prefixed(common, other_model), captured(tree));
        CHECK(event.unavailable.cause == Cause::not_on_this_cpu);
        CHECK(contains(event.unavailable.evidence, other_model));
        CHECK(contains(event.unavailable.remedy, model));
    }

    TEST_CASE("on a CPU that no table knows, a model is taken at its word") {
        CHECK_FALSE(resolved(prefixed(), captured(tree), no_tables).unavailable);
    }

    TEST_CASE("an unknown event of a model suggests the nearest") {
        std::string wrong = prefixed();
        std::swap(wrong[wrong.size() - 1], wrong[wrong.size() - 2]);
        const Error error = failure(wrong, captured(tree));
        CHECK(error.kind() == ErrorKind::unknown_name);
        CHECK(contains(error.hint(), "did you mean " + prefixed()));
        CHECK(error.subject() == wrong);
    }

    TEST_CASE("an unknown model suggests the nearest") {
        const Error error = failure(std::string(model) + "x::CYCLES", captured(tree));
        CHECK(error.kind() == ErrorKind::unknown_name);
        CHECK(contains(error.hint(), std::string(model) + "::"));
    }

    TEST_CASE("the kernel's generic events are not taken from libpfm4") {
        CHECK_FALSE(resolve_libpfm4("page-faults", captured(tree), tables).has_value());
        CHECK_FALSE(resolve_libpfm4("PERF_COUNT_HW_CPU_CYCLES", Machine::host(), no_tables).has_value());
        CHECK(contains(failure("perf::PERF_COUNT_HW_CPU_CYCLES", captured(tree)).message(), "not an event of a core"));
    }

    TEST_CASE("what can be no name is not asked for") {
        for (const std::string& name :
             {std::string(), std::string(1000, 'X'), std::string("A\0B", 3), std::string("A B"), std::string("\xff")})
            CHECK_FALSE(resolve_libpfm4(name, captured(tree), tables).has_value());
        CHECK_FALSE(resolve_libpfm4("NONSENSE", captured(tree), tables).has_value());
        CHECK_FALSE(resolve_libpfm4("::", captured(tree), tables).has_value());
        failure(prefixed("").append("::::"), captured(tree));
    }

    TEST_CASE("the model's events are listed, and can all be looked up again") {
        const std::vector<Libpfm4Name> names = libpfm4_names(captured(tree), tables);
        REQUIRE(names.size() > 50);
        std::size_t found = 0;
        for (const Libpfm4Name& name : names) {
            CHECK(name.name.starts_with(std::string(model) + "::"));
            CHECK_FALSE(name.description.empty());
            const Resolved event = resolve_libpfm4(name.name, captured(tree), tables);
            if (event && *event)
                ++found;
        }
        CHECK(found == names.size());
        CHECK(libpfm4_names(captured(tree), no_tables).empty());
    }

    TEST_CASE("without LIBPFM_ENCODE_INACTIVE the error says that it is missing") {
        // libpfm4 reads the variable once a process: the case runs again in one that never had it.
        if (std::getenv("PMC_TEST_ACTIVE_ONLY") == nullptr) {
            const std::string output =
                run_again("env -u LIBPFM_ENCODE_INACTIVE -u LIBPFM_FORCE_PMU PMC_TEST_ACTIVE_ONLY=1",
                          "without LIBPFM_ENCODE_INACTIVE *");
            CHECK_MESSAGE(contains(output, "1 passed"), output);
            return;
        }
        REQUIRE(std::getenv("LIBPFM_ENCODE_INACTIVE") == nullptr);
        // Two models: at most one is the CPU that this test runs on.
        int told = 0;
        for (const std::string_view of : {model, other_model}) {
            const std::string_view name = of.starts_with("arm") ? "CPU_CYCLES" : "RETIRED_INSTRUCTIONS";
            const Resolved event = resolve_libpfm4(prefixed(name, of), captured(tree), tables);
            REQUIRE(event.has_value());
            if (!*event && contains(event->error().hint(), "LIBPFM_ENCODE_INACTIVE=1"))
                ++told;
        }
        CHECK(told >= 1);
    }

#if defined(__x86_64__)
    TEST_CASE("unit masks, modifiers and offcore responses come through, as libpfm4 encodes them") {
        const Machine machine = captured("sapphirerapids");
        struct {
            const char* name;
            std::uint64_t config, config1;
        } constexpr cases[]{
            {"skx::LONGEST_LAT_CACHE:MISS", 0x412e, 0},
            {"hsw::CYCLE_ACTIVITY:STALLS_L2_PENDING", 0x50005a3, 0},
            {"skx::OFFCORE_RESPONSE_0:DMND_DATA_RD:L3_MISS", 0x1b7, 0x3f84000001},
            {"spr::OCR:DEMAND_DATA_RD_L3_MISS", 0x12a, 0x3fbfc00001},
            {"skx::UOPS_RETIRED:0x2:c=1:i=1", 0x18002c2, 0},
        };
        for (const auto& expected : cases) {
            const Event event = resolved(expected.name, machine, no_tables);
            CHECK(event.config == expected.config);
            CHECK(event.config1 == expected.config1);
            CHECK_FALSE(event.unavailable);
        }
        CHECK(resolved("skx::UOPS_RETIRED:0x2:c=1:i=1", machine, no_tables).encoding ==
              "cpu/config=0x18002c2/ (skx::UOPS_RETIRED:0x2:i=1:c=1)");
        CHECK(resolved("amd64_fam19h_zen4::DISPATCH_STALLS_1:FE_NO_OPS", captured("zen4")).config == 0x1000001a0);
    }

    TEST_CASE("on a hybrid machine the event is of the PMU whose model it is") {
        const Tables hybrid =
            make_tables({{.id = "big", .match = {"GenuineIntel-6-97"}, .pfm = "spr"}, {.id = "generic"}});
        const Machine machine = captured("alderlake");
        const Event event = resolved("spr::LONGEST_LAT_CACHE:MISS", machine, hybrid);
        CHECK(event.pmu == "cpu_core");
        CHECK(event.type == machine.pmu("cpu_core")->type);
    }

    TEST_CASE("energy is no event of a core: libpfm4 would return a valid-looking wrong one") {
        const Error error = failure("rapl::RAPL_ENERGY_PKG", captured("sapphirerapids"), no_tables);
        CHECK(contains(error.message(), "not an event of a core"));
        CHECK(contains(error.hint(), "pmcstat list power"));
    }

    TEST_CASE("a wrong or missing unit mask lists those there are") {
        for (const char* name : {"skx::LONGEST_LAT_CACHE", "skx::LONGEST_LAT_CACHE:NONSENSE"}) {
            const Error error = failure(name, captured("sapphirerapids"), no_tables);
            CHECK(error.kind() == ErrorKind::unknown_name);
            CHECK(contains(error.hint(), "MISS, REFERENCE"));
        }
    }

    TEST_CASE("a model of another vendor is not available, even where no table knows the CPU") {
        CHECK(resolved("skx::LONGEST_LAT_CACHE:MISS", captured("zen4"), no_tables).unavailable.cause ==
              Cause::not_on_this_cpu);
        CHECK(resolved("amd64_fam19h_zen4::RETIRED_INSTRUCTIONS", captured("sapphirerapids"), no_tables)
                  .unavailable.cause == Cause::not_on_this_cpu);
    }

    TEST_CASE("a name that libpfm4 4.13 encodes as another event says so") {
        const Machine machine = captured("sapphirerapids");
        CHECK(contains(resolved("spr::TOPDOWN:BAD_SPEC_SLOTS", machine, no_tables).description, "0x4a4"));
        CHECK(contains(resolved("skx::UOPS_RETIRED:STALL_CYCLES", machine, no_tables).description, "0x18002c2"));
        CHECK_FALSE(contains(resolved("hsw::UOPS_RETIRED:STALL_CYCLES", machine, no_tables).description, "beware"));
        CHECK_FALSE(contains(resolved("spr::TOPDOWN:SLOTS", machine, no_tables).description, "beware"));
    }
#endif
}
