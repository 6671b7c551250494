// Scopes of regions, and what they come to.
#include "region_child.hpp"

#include <doctest/doctest.h>

#include <pmc/error.hpp>

#include "allocations.hpp"

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace region_child;

namespace {

void recurse(int depth) {
    const pmc::Scope scope{parse};
    work(1);
    if (depth > 1)
        recurse(depth - 1);
}

} // namespace

TEST_SUITE("region") {
    TEST_CASE("a region has what was counted between begin and end, call by call") {
        CHECK(in_child([] {
                  Counting counting;
                  pmc::enable("page-faults");
                  work(100);
                  for (std::uint64_t i = 1; i <= 4; ++i) {
                      const pmc::Scope scope{parse};
                      work(i);
                  }
                  work(100);
                  return lines();
              }) == "region parse calls 4 threads 1 openings 1 uncounted 0 dropped 0 page-faults 10\n"
                    "region_self parse calls 4 threads 1 openings 1 uncounted 0 dropped 0 page-faults 10\n");
    }

    TEST_CASE("what is nested is in the inclusive counts, and not in the self counts") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            pmc::attach_thread();
            for (int i = 0; i < 2; ++i) {
                const pmc::Scope outer{parse};
                work(1);
                for (int j = 0; j < 3; ++j) {
                    const pmc::Scope inner{row};
                    work(10);
                }
                work(2);
            }
            return lines();
        });
        CHECK(text == "region parse calls 2 threads 1 openings 0 uncounted 0 dropped 0 page-faults 66\n"
                      "region_self parse calls 2 threads 1 openings 0 uncounted 0 dropped 0 page-faults 6\n"
                      "region row calls 6 threads 1 openings 0 uncounted 0 dropped 0 page-faults 60\n"
                      "region_self row calls 6 threads 1 openings 0 uncounted 0 dropped 0 page-faults 60\n");
    }

    TEST_CASE("recursion is counted once") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            recurse(5);
            {
                const pmc::Scope between{row};
                work(7);
                recurse(2);
            }
            return lines();
        });
        CHECK(contains(text, "region parse calls 7 threads 1 openings 1 uncounted 0 dropped 0 page-faults 7\n"));
        CHECK(contains(text, "region_self parse calls 7 threads 1 openings 1 uncounted 0 dropped 0 page-faults 7\n"));
        CHECK(contains(text, "region row calls 1 threads 1 openings 0 uncounted 0 dropped 0 page-faults 9\n"));
        CHECK(contains(text, "region_self row calls 1 threads 1 openings 0 uncounted 0 dropped 0 page-faults 7\n"));
    }

    TEST_CASE("regions of equal names are one, whoever made them") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            std::string name = "parse";
            {
                const auto other = std::make_unique<pmc::Region>(name.c_str());
                const pmc::Scope scope{*other};
                work(1);
            }
            name = "xxxxx"; // as when the library that it was in is gone
            { const pmc::Scope scope{parse}; }
            return lines();
        });
        CHECK(contains(text, "region parse calls 2 "));
        CHECK_FALSE(contains(text, "xxxxx"));
        CHECK(contains(in_child([] {
                           Counting counting;
                           pmc::enable("page-faults");
                           pmc::Region other{"parse"};
                           { const pmc::Scope scope{parse}; }
                           { const pmc::Scope scope{other}; }
                           return lines();
                       }),
                       "region parse calls 2 "));
    }

    TEST_CASE("an exception ends the scope") {
        CHECK(contains(in_child([] {
                           Counting counting;
                           pmc::enable("page-faults");
                           try {
                               const pmc::Scope scope{parse};
                               work(3);
                               throw std::runtime_error("out of it");
                           } catch (const std::runtime_error&) {
                               work(50);
                           }
                           return lines();
                       }),
                       "region parse calls 1 threads 1 openings 1 uncounted 0 dropped 0 page-faults 3\n"));
    }

    TEST_CASE("a scope that ends on another thread is dropped, and both threads go on") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            auto stray = std::make_unique<pmc::Scope>(row);
            std::thread([&] {
                const pmc::Scope own{parse};
                work(1);
                stray.reset();
            }).join();
            for (int i = 0; i < 300; ++i) { // more than there are frames: the lost one must not stay
                const pmc::Scope scope{parse};
                const pmc::Scope inner{row};
                work(1);
            }
            return lines();
        });
        CHECK(contains(text, "region row calls 300 threads 1 openings 1 uncounted 0 dropped 1 page-faults 300\n") !=
              contains(text, "region row calls 300 threads 1 openings 0 uncounted 0 dropped 1 page-faults 300\n"));
        CHECK(contains(text, "region parse calls 301 threads 2 "));
        CHECK(contains(text, "region_self parse calls 301 threads 2 openings 1 uncounted 0 dropped 0 page-faults 1\n"));
    }

    TEST_CASE("scopes that end in another order than they began: the one whose place was taken is dropped") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            auto first = std::make_unique<pmc::Scope>(parse);
            auto second = std::make_unique<pmc::Scope>(row);
            work(1);
            first.reset();
            auto third = std::make_unique<pmc::Scope>(row);  // on the place of the first
            auto fourth = std::make_unique<pmc::Scope>(row); // on the place of the second
            second.reset();
            work(10);
            fourth.reset();
            third.reset();
            return lines();
        });
        CHECK(contains(text, "region parse calls 1 threads 1 openings 1 uncounted 0 dropped 0 page-faults 1\n"));
        CHECK(contains(text, "region row calls 2 threads 1 openings 0 uncounted 0 dropped 1 page-faults 10\n"));
    }

    TEST_CASE("scopes nested deeper than there is room are dropped, the others are right") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            recurse(300);
            recurse(1);
            return lines();
        });
        CHECK(contains(text, "region parse calls 257 threads 1 openings 1 uncounted 0 dropped 44 page-faults 301\n"));
    }

    TEST_CASE("a reading that fails leaves out that call alone") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            pmc::attach_thread();
            {
                const pmc::Scope scope{parse};
                work(3);
            }
            {
                const pmc::Scope scope{parse};
                work(4);
                counting.kernel.on_read([](std::vector<std::uint64_t>& words) {
                    words.clear(); // as a pinned group in error
                    return 0;
                });
            }
            return lines();
        });
        CHECK(contains(text, "region parse calls 2 threads 1 openings 0 uncounted 1 dropped 0 page-faults 3\n"));
    }

    TEST_CASE("a warm scope makes one system call at its begin and one at its end") {
        CHECK(in_child([] {
                  Counting counting;
                  pmc::enable("page-faults");
                  { const pmc::Scope scope{parse}; }
                  const std::size_t reads = counting.kernel.reads();
                  for (int i = 0; i < 10; ++i) {
                      const pmc::Scope outer{parse};
                      const pmc::Scope inner{row};
                  }
                  return std::to_string(counting.kernel.reads() - reads);
              }) == "40");
    }

    TEST_CASE("a warm scope allocates nothing") {
        CHECK(in_child([] {
                  pmc::enable("task-clock"); // of the real kernel: the made-up one allocates itself
                  { const pmc::Scope scope{parse}; }
                  { const pmc::Scope scope{row}; }
                  const std::size_t allocated = allocations();
                  for (int i = 0; i < 10; ++i) {
                      const pmc::Scope outer{parse};
                      const pmc::Scope inner{row};
                  }
                  return std::to_string(allocations() - allocated);
              }) == "0");
    }

    TEST_CASE("two threads lose nothing, also while somebody reports") {
        const std::string text = in_child([] {
            fake::Kernel kernel{fake::Kernel::made_up};
            kernel.fail_open_if([](const fake::OpenCall&) { return ENOSYS; });
            pmc::enable("page-faults");
            std::vector<std::thread> threads;
            for (int i = 0; i < 2; ++i)
                threads.emplace_back([] {
                    for (int call = 0; call < 100'000; ++call) {
                        const pmc::Scope outer{parse};
                        const pmc::Scope inner{row};
                    }
                });
            for (int i = 0; i < 50; ++i) {
                const pmc::Result result = pmc::report();
                for (const pmc::Sample& sample : result.samples)
                    if (sample.region->calls > 200'000 || sample.region->time_s < 0 || sample.region->time_s > 100)
                        return std::string("torn");
            }
            for (std::thread& thread : threads)
                thread.join();
            return lines();
        });
        CHECK(contains(text, "region parse calls 200000 threads 2 "));
        CHECK(contains(text, "region row calls 200000 threads 2 "));
    }
}
