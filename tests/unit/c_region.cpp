// Regions from C. What they have in common is settled once in a process, so each case has its own: a fork's child.
#include <doctest/doctest.h>

#include <pmc/pmc.h>
#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include "allocations.hpp"
#include "fake_kernel.hpp"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// Whether everything was right in a process of its own, with a kernel that counts whatever it is asked for.
bool in_child(const std::function<bool()>& body) {
    const pid_t child = fork();
    if (child == 0) {
        unsetenv("PMC_EVENTS");
        unsetenv("PMC_REPORT");
        fake::Kernel kernel{fake::Kernel::made_up};
        _exit(body() ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    return status == 0;
}

/// The use of a region, from the report.
pmc::RegionUse use_of(const char* name) {
    for (const pmc::Sample& sample : pmc::report().samples)
        if (sample.scope == "region" && sample.id == name)
            return *sample.region;
    return {};
}

std::uint64_t calls(const char* name) {
    return use_of(name).calls;
}

bool message_has(const char* part) {
    return std::string{pmc_error_message()}.find(part) != std::string::npos;
}

pmc_status pass(pmc_region* region) {
    pmc_region_begin(region);
    return pmc_region_end(region);
}

} // namespace

TEST_SUITE("c_region") {
    TEST_CASE("equal names are one region, and a name need not outlive the call") {
        std::string name = "interned";
        pmc_region* const region = pmc_region_named(name.c_str());
        REQUIRE(region != nullptr);
        CHECK(pmc_region_named("interned") == region);
        name = "another1";
        CHECK(pmc_region_named(name.c_str()) != region);
        CHECK(pmc_region_named("interned") == region);
        CHECK(pmc_region_named("") != nullptr);
    }

    TEST_CASE("threads that ask for the same names at once get the same regions") {
        constexpr int names = 50;
        std::vector<std::vector<pmc_region*>> found(4);
        std::vector<std::thread> threads(found.size());
        for (std::size_t which = 0; which < threads.size(); ++which)
            threads[which] = std::thread{[&mine = found[which]] {
                mine.reserve(names);
                for (int i = 0; i < names; ++i)
                    mine.push_back(pmc_region_named(("at once " + std::to_string(i)).c_str()));
            }};
        for (std::thread& thread : threads)
            thread.join();
        for (const auto& mine : found)
            CHECK(mine == found[0]);
    }

    TEST_CASE("while nobody measures a region does nothing, whatever is done with it") {
        CHECK(in_child([] {
            pmc_region* const region = pmc_region_named("dormant");
            pmc_region_end(region);
            pmc_region_begin(nullptr);
            const std::size_t before = allocations();
            for (int i = 0; i < 1000; ++i)
                pmc_region_begin(region);
            for (int i = 0; i < 1000; ++i)
                if (pmc_region_end(region) != PMC_OK)
                    return false;
            return allocations() == before && !pmc_is_measuring();
        }));
    }

    TEST_CASE("passages are counted once measuring is on, nested and recursive, on any thread") {
        CHECK(in_child([] {
            pmc_region* const outer = pmc_region_named("outer");
            pmc_region* const inner = pmc_region_named("inner");
            if (pmc_enable("page-faults") != PMC_OK || !pmc_is_measuring())
                return false;
            const auto work = [&] {
                pmc_attach_thread();
                pmc_region_begin(outer);
                bool good = pass(inner) == PMC_OK && pass(inner) == PMC_OK && pass(outer) == PMC_OK;
                good = pmc_region_end(outer) == PMC_OK && good;
                return good;
            };
            bool elsewhere = false;
            std::thread{[&] { elsewhere = work(); }}.join();
            return work() && elsewhere && calls("outer") == 4 && calls("inner") == 4 && use_of("inner").threads == 2 &&
                   use_of("inner").openings == 0;
        }));
    }

    TEST_CASE("C and C++ share a region of one name, and nest in each other") {
        CHECK(in_child([] {
            static constinit pmc::Region shared{"shared"};
            pmc_region* const same = pmc_region_named("shared");
            pmc_region* const inner = pmc_region_named("inner");
            (void)pmc_enable("page-faults");
            pmc_region_begin(same);
            {
                const pmc::Scope scope{shared};
                if (pass(inner) != PMC_OK)
                    return false;
            }
            return pmc_region_end(same) == PMC_OK && calls("shared") == 2 && calls("inner") == 1;
        }));
    }

    TEST_CASE("a warm passage allocates nothing but what the made-up kernel does") {
        CHECK(in_child([] {
            pmc_region* const region = pmc_region_named("warm");
            static constinit pmc::Region in_cpp{"warm too"};
            (void)pmc_enable("page-faults");
            pass(region);
            { const pmc::Scope scope{in_cpp}; }
            const std::size_t start = allocations();
            { const pmc::Scope scope{in_cpp}; }
            const std::size_t kernel = allocations() - start;
            pass(region);
            return allocations() - start == 2 * kernel;
        }));
    }

    TEST_CASE("a region that was not begun, or on another thread, or twice ended, is told") {
        CHECK(in_child([] {
            pmc_region* const region = pmc_region_named("lonely");
            (void)pmc_enable("page-faults");
            if (pmc_region_end(region) != PMC_MISUSE || !message_has("'lonely'") || *pmc_error_hint() == '\0')
                return false;
            pmc_region_begin(region);
            pmc_status elsewhere = PMC_OK;
            std::thread{[&] { elsewhere = pmc_region_end(region); }}.join();
            return elsewhere == PMC_MISUSE && pmc_region_end(region) == PMC_OK &&
                   pmc_region_end(region) == PMC_MISUSE && pmc_region_end(nullptr) == PMC_MISUSE &&
                   calls("lonely") == 1 && use_of("lonely").dropped == 3;
        }));
    }

    TEST_CASE("a region that ends before those within it ends them too, and what follows is right again") {
        CHECK(in_child([] {
            pmc_region* const outer = pmc_region_named("outer");
            pmc_region* const inner = pmc_region_named("inner");
            (void)pmc_enable("page-faults");
            for (int i = 0; i < 1000; ++i) {
                pmc_region_begin(outer);
                pmc_region_begin(inner);
                pmc_region_begin(inner);
                if (pmc_region_end(outer) != PMC_MISUSE || !message_has("'inner'"))
                    return false;
            }
            pmc_region_begin(outer);
            const bool good = pass(inner) == PMC_OK && pmc_region_end(outer) == PMC_OK;
            return good && calls("outer") == 1001 && calls("inner") == 1 && use_of("inner").dropped == 2000;
        }));
    }

    TEST_CASE("measuring goes on and off while passages are open: each end finds its own beginning") {
        CHECK(in_child([] {
            pmc_region* const region = pmc_region_named("region");
            (void)pmc_enable("page-faults");
            pmc_region_begin(region); // measured
            pmc_disable();
            pmc_region_begin(region); // not
            (void)pmc_enable(nullptr);
            pmc_region_begin(region); // measured
            pmc_disable();
            bool good = true;
            for (int i = 0; i < 3; ++i)
                good = pmc_region_end(region) == PMC_OK && good;
            return good && pmc_region_end(region) == PMC_MISUSE && calls("region") == 2 && !pmc_is_measuring();
        }));
    }

    TEST_CASE("a passage that began before measuring was first on is in no number") {
        CHECK(in_child([] {
            pmc_region* const region = pmc_region_named("region");
            pmc_region_begin(region);
            (void)pmc_enable("page-faults");
            return pmc_region_end(region) == PMC_MISUSE && pass(region) == PMC_OK && calls("region") == 1;
        }));
    }

    TEST_CASE("recursion deeper than a thread can hold is dropped, and the rest is right") {
        CHECK(in_child([] {
            pmc_region* const region = pmc_region_named("deep");
            (void)pmc_enable("page-faults");
            constexpr int depth = 100'000;
            for (int i = 0; i < depth; ++i)
                pmc_region_begin(region);
            int ended = 0;
            while (pmc_region_end(region) == PMC_OK)
                ++ended;
            const pmc::RegionUse deep = use_of("deep");
            return ended > 60'000 && deep.calls > 0 && deep.dropped > 0 && pass(region) == PMC_OK &&
                   calls("deep") == deep.calls + 1;
        }));
    }

    TEST_CASE("more open passages than a thread has room for end in their order, none of them falsely") {
        CHECK(in_child([] {
            if (pmc_enable("page-faults") != PMC_OK)
                return false;
            pmc_region* const outer = pmc_region_named("outer");
            pmc_region* const deep = pmc_region_named("deep");
            constexpr int passages = 70'000;
            pmc_region_begin(outer);
            for (int i = 0; i < passages; ++i)
                pmc_region_begin(deep);
            for (int i = 0; i < passages; ++i)
                if (pmc_region_end(deep) != PMC_OK)
                    return false;
            return pmc_region_end(outer) == PMC_OK && pmc_region_end(outer) == PMC_MISUSE && calls("outer") == 1;
        }));
    }

    TEST_CASE("what fails while a thread ends is told by its status alone") {
        struct Late {
            pmc_region* region = nullptr;
            pmc_status status = PMC_OK;
            std::string text;
        };
        static Late late;
        struct AtEnd {
            ~AtEnd() {
                late.status = pmc_region_end(late.region);
                late.text = pmc_error_message();
            }
        };
        late.region = pmc_region_named("late");
        std::thread([] {
            static thread_local const AtEnd at_end; // before the error that lives with the thread: it ends after it
            (void)&at_end;
            pmc_group* group = nullptr;
            pmc_open(&group, "nonsense", 0);
        }).join();
        CHECK(late.text.empty());
    }

    TEST_CASE("a fork's child may end what its parent began") {
        CHECK(in_child([] {
            pmc_region* const region = pmc_region_named("forked");
            (void)pmc_enable("page-faults");
            pmc_region_begin(region);
            const pid_t child = fork();
            if (child == 0)
                _exit(pmc_region_end(region) == PMC_OK && pass(region) == PMC_OK && calls("forked") == 1 ? 0 : 1);
            int status = -1;
            return waitpid(child, &status, 0) == child && status == 0 && pmc_region_end(region) == PMC_OK &&
                   calls("forked") == 1;
        }));
    }

    TEST_CASE("PMC_EVENTS turns measuring on") {
        CHECK(in_child([] {
            setenv("PMC_EVENTS", "page-faults", 1);
            return pass(pmc_region_named("by environment")) == PMC_OK && pmc_is_measuring() &&
                   calls("by environment") == 1;
        }));
    }

    TEST_CASE("a list that is wrong is told, and a second one refused") {
        CHECK(in_child([] {
            return pmc_enable("page-faults,,") == PMC_SYNTAX && pmc_enable("no-such-event") == PMC_UNKNOWN_NAME &&
                   message_has("no-such-event") && pmc_enable("page-faults") == PMC_OK &&
                   pmc_enable("page-faults") == PMC_OK && pmc_enable("task-clock") == PMC_MISUSE;
        }));
    }

    TEST_CASE("the report is JSON, and text for people") {
        CHECK(in_child([] {
            (void)pmc_enable("page-faults");
            pass(pmc_region_named("reported"));
            char* const json = pmc_report_json();
            char* const text = pmc_report_text();
            const bool good = json != nullptr && text != nullptr && pmc::Result::from_json(json) &&
                              std::string{json}.find("\"reported\"") != std::string::npos &&
                              std::string{text}.find("reported") != std::string::npos;
            pmc_free(json);
            pmc_free(text);
            pmc_free(nullptr);
            return good;
        }));
    }

    TEST_CASE("no name is no region") {
        CHECK(pmc_region_named(nullptr) == nullptr);
        CHECK(message_has("NULL"));
    }
}
