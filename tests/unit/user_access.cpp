#include <doctest/doctest.h>

#include "counter/user_access.hpp"

#include "counter/open_event.hpp"

#include "fake_kernel.hpp"
#include "sample_events.hpp"
#include "test_tree.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

using pmc::Cause;
using pmc::Machine;
using pmc::ReadPolicy;
using pmc::Reason;
using pmc::test::captured;
using pmc::test::ScratchTree;

namespace {

Reason why(std::vector<pmc::Event> events, const Machine& machine, ReadPolicy policy = ReadPolicy::automatic) {
    return pmc::why_no_user_read(events, policy, machine);
}

pmc::Event arm_cycles() {
    return sample::event("cycles", "armv8_pmuv3", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES);
}

bool says(const Reason& reason, const char* part) {
    CAPTURE(reason.evidence);
    return reason.cause == Cause::no_user_read && reason.evidence.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE("user_access") {
    TEST_CASE("events of a core's counters are tried") {
        CHECK_FALSE(why({sample::cycles(), sample::instructions()}, captured("zen4")));
    }

    TEST_CASE("what is known to be impossible is not tried, and says why") {
        const Machine zen4 = captured("zen4");
        CHECK(says(why({sample::cycles()}, zen4, ReadPolicy::system_call), "ReadPolicy::system_call"));
        CHECK(says(why({sample::cycles(), sample::page_faults()}, zen4), "page-faults"));
        const pmc::Event slots = sample::event("slots", "cpu", PERF_TYPE_RAW, 0x400);
        const pmc::Event retiring = sample::event("topdown-retiring", "cpu", PERF_TYPE_RAW, 0x8000);
        CHECK(says(why({slots, retiring}, captured("sapphirerapids")), "slots"));
        CHECK(says(why({sample::cycles()}, captured("alderlake")), "several types"));
        CHECK(says(why({sample::cycles()}, captured("biglittle")), "several types"));
    }

    TEST_CASE("PMC_READ=syscall forbids it for a whole program; nothing else does") {
        const Machine zen4 = captured("zen4");
        setenv("PMC_READ", "syscall", 1);
        CHECK(says(why({sample::cycles()}, zen4), "PMC_READ"));
        setenv("PMC_READ", "user", 1);
        CHECK_FALSE(why({sample::cycles()}, zen4));
        unsetenv("PMC_READ");
    }

    TEST_CASE("arm64 is asked first whether it lets users read") {
        constexpr const char* setting = "/proc/sys/kernel/perf_user_access";
        ScratchTree tree{"qemu-n1"};
        const Reason off = why({arm_cycles()}, tree.write(setting, "0\n").machine());
        CHECK(says(off, "kernel.perf_user_access is 0"));
        CHECK(off.remedy.find("kernel.perf_user_access=1") != std::string::npos);
        CHECK(says(why({arm_cycles()}, tree.remove(setting).machine()), "5.17"));
        CHECK_FALSE(why({arm_cycles()}, tree.write(setting, "1\n").machine()));
    }

    TEST_CASE("user access is asked for by the PMU's own formats, where it has them") {
        CHECK(pmc::user_access_bits(arm_cycles(), captured("qemu-n1")) == std::vector<std::uint64_t>{2});
        CHECK(pmc::user_access_bits(sample::cycles(), captured("zen4")).empty());
    }

    TEST_CASE("the ladder of user access: what the counter has, none") {
        const Machine machine = captured("qemu-n1");
        pmc::Event event = arm_cycles();
        const auto open_with = [&](std::vector<int> errors) {
            fake::Kernel kernel{fake::Kernel::made_up};
            for (std::size_t i = 0; i < errors.size(); ++i)
                kernel.fail_open(i, errors[i]);
            const pmc::Opened opened = pmc::open_event(event, {.mode = pmc::Mode::user, .user_access = true}, machine);
            std::vector<std::uint64_t> asked;
            for (const fake::OpenCall& call : kernel.opens())
                asked.push_back(call.attr.config1);
            CHECK(static_cast<bool>(opened.fd) == (kernel.opens().back().error == 0));
            CHECK(opened.user_access == (opened.fd && asked.back() != 0));
            return asked;
        };
        using Asked = std::vector<std::uint64_t>;
        CHECK(open_with({}) == Asked{2});
        CHECK(open_with({EOPNOTSUPP}) == Asked{2, 0});
        CHECK(open_with({EINVAL}) == Asked{2, 0});
        CHECK(open_with({EACCES}) == Asked{2});
    }

    TEST_CASE("without the wish for it nothing is asked") {
        fake::Kernel kernel{fake::Kernel::made_up};
        REQUIRE(pmc::open_event(arm_cycles(), {.mode = pmc::Mode::user}, captured("qemu-n1")).fd);
        CHECK(kernel.opens()[0].attr.config1 == 0);
    }

    TEST_CASE("a page that may not be read says so") {
        perf_event_mmap_page page{};
        const Machine zen4 = captured("zen4");
        CHECK(says(pmc::why_not_readable(page, sample::cycles(), zen4), "cycles"));
        page.cap_user_rdpmc = 1;
        CHECK(says(pmc::why_not_readable(page, sample::cycles(), zen4), "cycles")); // without a width
        page.pmc_width = 48;
        CHECK_FALSE(pmc::why_not_readable(page, sample::cycles(), zen4));
        page.cap_user_rdpmc = 0;
        ScratchTree tree{"zen4"};
        tree.write("/sys/bus/event_source/devices/cpu/rdpmc", "0\n");
        CHECK(says(pmc::why_not_readable(page, sample::cycles(), tree.machine()), "rdpmc is 0"));
    }
}
