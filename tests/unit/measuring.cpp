// When regions are measured, by which threads, and in which processes.
#include "region_child.hpp"

#include <doctest/doctest.h>

#include <pmc/error.hpp>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <pthread.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace region_child;

TEST_SUITE("measuring") {
    TEST_CASE("while nobody measures nothing is opened, read, or reported") {
        CHECK(in_child([] {
                  Counting counting;
                  for (int i = 0; i < 3; ++i)
                      const pmc::Scope scope{parse};
                  pmc::attach_thread();
                  return std::to_string(counting.kernel.opens().size()) + std::to_string(counting.kernel.reads()) +
                         (pmc::is_measuring() ? "on" : "off") + lines();
              }) == "00off");
    }

    TEST_CASE("more regions than there is room for are dropped, and the report says so") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            for (int i = 0; i < 1030; ++i) {
                const std::string name = "region " + std::to_string(i);
                pmc::Region region{name.c_str()};
                const pmc::Scope scope{region};
            }
            const pmc::Result result = pmc::report();
            return std::to_string(result.samples.size()) + ' ' + result.notes.at(0);
        });
        CHECK(text == "2048 6 scopes were dropped whose region had no number: there is room for 1024 regions");
    }

    TEST_CASE("threads that ended are in the sums, and gave their counters back") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            for (int i = 0; i < 20; ++i)
                std::thread([] {
                    const pmc::Scope scope{parse};
                    work(2);
                }).join();
            return std::to_string(counting.kernel.live()) + '\n' + lines();
        });
        CHECK(contains(text, "0\nregion parse calls 20 threads 20 openings 20 uncounted 0 dropped 0 page-faults 40\n"));
    }

    TEST_CASE("a fork's child starts clean, and leaves its parent's counts and counters alone") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            const pmc::Scope open_scope{row};
            {
                const pmc::Scope scope{parse};
                work(5);
            }
            const std::size_t opens = counting.kernel.opens().size();
            const std::string child = in_child([&] {
                const std::string before = lines();
                {
                    const pmc::Scope scope{parse};
                    work(3);
                }
                const bool reopened = counting.kernel.opens().size() == opens + 1;
                std::thread([] { const pmc::Scope scope{parse}; }).join();
                return "before [" + before + "] " + (reopened ? "reopened\n" : "\n") + lines();
            });
            {
                const pmc::Scope scope{parse};
                work(5);
            }
            return "child: " + child + "parent: " + lines();
        });
        CHECK(contains(text, "child: before [] reopened\n"
                             "region parse calls 2 threads 2 openings 2 uncounted 0 dropped 0 page-faults 3\n"));
        CHECK(
            contains(text, "parent: region parse calls 2 threads 1 openings 0 uncounted 0 dropped 0 page-faults 10\n"));
        CHECK_FALSE(contains(text, "row")); // it has not ended, and the child's copy is not the child's
    }

    TEST_CASE("a scope that was begun before a fork and ends in the child is nobody's") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            auto scope = std::make_unique<pmc::Scope>(parse);
            const std::string child = in_child([&] {
                { const pmc::Scope own{row}; }
                scope.reset();
                return lines();
            });
            scope.reset();
            return child;
        });
        CHECK(contains(text, "region row calls 1 "));
        CHECK_FALSE(contains(text, "parse"));
    }

    TEST_CASE("a region that can't be counted has its calls, its time and the reason") {
        const std::string text = in_child([] {
            fake::Kernel kernel{fake::Kernel::made_up};
            pmc::enable("page-faults");
            kernel.fail_open_if([](const fake::OpenCall&) { return EMFILE; });
            {
                const pmc::Scope scope{parse};
                usleep(2000);
            }
            const pmc::Result result = pmc::report();
            const pmc::RegionUse& use = result.samples.at(0).region.value();
            return lines(result) + (use.time_s >= 0.002 && use.time_s < 10 ? "time " : "no time ") +
                   std::string(to_string(use.reason.cause)) + ' ' +
                   std::string(to_string(result.samples.at(0).events.at(0).reason.cause));
        });
        CHECK(contains(text,
                       "region parse calls 1 threads 1 openings 1 uncounted 1 dropped 0 page-faults not counted\n"));
        CHECK(contains(text, "time too_many_files too_many_files"));
    }

    TEST_CASE("an error in PMC_EVENTS is told in the report, and the regions have their time") {
        setenv("PMC_EVENTS", "page-fualts", 1);
        const std::string text = in_child([] {
            Counting counting;
            { const pmc::Scope scope{parse}; }
            return lines();
        });
        unsetenv("PMC_EVENTS");
        CHECK(contains(text, "region parse calls 1 threads 1 openings 1 uncounted 0 dropped 0\n"));
        CHECK(contains(text, "note PMC_EVENTS: "));
        CHECK(contains(text, "page-fualts"));
        CHECK(contains(text, "page-faults")); // the nearest one that there is
    }

    TEST_CASE("PMC_EVENTS wins over what the program asks for") {
        setenv("PMC_EVENTS", "minor-faults", 1);
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            pmc::enable("cpu-clock");
            { const pmc::Scope scope{parse}; }
            return lines();
        });
        unsetenv("PMC_EVENTS");
        CHECK(contains(text, " minor-faults 0\n"));
        CHECK_FALSE(contains(text, "page-faults"));
    }

    TEST_CASE("one list serves a process; bad lists are errors of whoever gave them") {
        CHECK(in_child([] {
                  Counting counting;
                  pmc::enable("page-faults");
                  pmc::enable("page-faults");
                  pmc::enable();
                  try {
                      pmc::enable("cpu-clock");
                  } catch (const pmc::Error& error) {
                      return std::string(error.kind() == pmc::ErrorKind::misuse && !error.hint().empty() ? "misuse"
                                                                                                         : "");
                  }
                  return std::string("nothing");
              }) == "misuse");
        CHECK(contains(in_child([] {
                           pmc::enable("page-fualts");
                           return std::string("nothing");
                       }),
                       "threw: unknown event 'page-fualts'"));
    }

    TEST_CASE("measuring is turned off and on again, and an open scope is measured to its end") {
        const std::string text = in_child([] {
            Counting counting;
            pmc::enable("page-faults");
            {
                const pmc::Scope scope{parse};
                work(1);
                pmc::disable();
                const pmc::Scope unseen{row};
                work(1);
            }
            { const pmc::Scope scope{parse}; }
            const bool off = !pmc::is_measuring();
            pmc::enable();
            {
                const pmc::Scope scope{parse};
                work(1);
            }
            return (off ? "off\n" : "on\n") + lines();
        });
        CHECK(contains(text, "off\nregion parse calls 2 threads 1 openings 1 uncounted 0 dropped 0 page-faults 3\n"));
        CHECK_FALSE(contains(text, "row"));
    }

    TEST_CASE("a thread in a scope can't be cancelled where it could not be before") {
        CHECK(contains(in_child([] {
                           pmc::enable("task-clock");
                           std::atomic<bool> stop{false};
                           pthread_t thread{};
                           pthread_create(
                               &thread, nullptr,
                               [](void* asked) -> void* {
                                   while (!*static_cast<std::atomic<bool>*>(asked))
                                       const pmc::Scope scope{parse};
                                   return nullptr;
                               },
                               &stop);
                           pthread_cancel(thread);
                           usleep(20'000);
                           stop = true;
                           void* result = PTHREAD_CANCELED;
                           pthread_join(thread, &result);
                           return (result == nullptr ? "ran to its end\n" : "cancelled\n") + lines();
                       }),
                       "ran to its end\nregion parse calls "));
    }

    TEST_CASE("a fork's child does not touch files by the numbers of its parent's counters") {
        CHECK(in_child([] {
                  pmc::enable("task-clock");
                  { const pmc::Scope scope{parse}; }
                  return in_child([] {
                      closefrom(3); // as a daemon does
                      std::vector<int> files;
                      for (int i = 0; i < 8; ++i)
                          files.push_back(open("/dev/null", O_WRONLY));
                      { const pmc::Scope scope{parse}; }
                      std::string text;
                      for (const int file : files)
                          text += write(file, "x", 1) == 1 ? "w" : "-";
                      // in_child's pipe is closed: this is seen by its exit status alone
                      _exit(text == "wwwwwwww" ? 0 : 1);
                      return text;
                  });
              }).empty());
    }
}
