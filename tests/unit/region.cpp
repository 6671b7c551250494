// Regions as a program uses them. What they have in common is settled once in a process, so each case has its own: a
// fork's child, which tells its parent what it saw.
#include <doctest/doctest.h>

#include <pmc/error.hpp>
#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include "allocations.hpp"
#include "fake_kernel.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <memory>
#include <pthread.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constinit pmc::Region parse{"parse"};
constinit pmc::Region row{"row"};

/// What the only event counts: moved on by the test, as work would.
std::uint64_t counter = 0;

void work(std::uint64_t amount) {
    counter += amount;
}

/// A kernel that counts page-faults as the test says, and that was always on the PMU.
struct Counting {
    Counting() {
        kernel.on_read([](std::vector<std::uint64_t>& words) {
            for (std::size_t i = 3; i < words.size(); ++i)
                words[i] = 1'000'000 + counter;
            words[1] = words[2] = 5000 + counter;
            return 0;
        });
    }
    fake::Kernel kernel{fake::Kernel::made_up};
};

/// Runs it in a process of its own; what it printed. Where it fails there, "died".
std::string in_child(const std::function<std::string()>& body) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    std::fflush(nullptr); // what is buffered is the parent's
    const pid_t child = fork();
    if (child == 0) {
        std::string text;
        try {
            text = body();
        } catch (const std::exception& error) {
            text = std::string("threw: ") + error.what();
        }
        const bool written = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : "died";
}

/// The report as lines: scope, name, calls, threads, openings, uncounted, dropped, the event's count.
std::string lines(const pmc::Result& result = pmc::report()) {
    std::ostringstream text;
    for (const pmc::Sample& sample : result.samples) {
        const pmc::RegionUse& use = sample.region.value();
        text << sample.scope << ' ' << sample.id << " calls " << use.calls << " threads " << use.threads << " openings "
             << use.openings << " uncounted " << use.uncounted << " dropped " << use.dropped;
        for (const pmc::EventCount& event : sample.events)
            text << ' ' << event.name << ' '
                 << (event.has_value() ? std::to_string(event.count.raw()) : pmc::to_string(event.count.state()));
        text << '\n';
    }
    for (const std::string& note : result.notes)
        text << "note " << note << '\n';
    return text.str();
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

void recurse(int depth) {
    const pmc::Scope scope{parse};
    work(1);
    if (depth > 1)
        recurse(depth - 1);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// A path in a folder of this case's own.
struct Folder {
    Folder() { REQUIRE(mkdtemp(path) != nullptr); }
    ~Folder() { (void)std::system((std::string("rm -rf ") + path).c_str()); }
    char path[32] = "/tmp/pmc-region-XXXXXX";
};

} // namespace

TEST_SUITE("region") {
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

    TEST_CASE("a bad PMC_TABLES is told in the report, too") {
        setenv("PMC_TABLES", "/proc/no/such/tables.json", 1);
        setenv("PMC_REPORT", "/dev/null", 1);
        const std::string text = in_child([] {
            { const pmc::Scope scope{parse}; }
            return lines();
        });
        unsetenv("PMC_REPORT");
        unsetenv("PMC_TABLES");
        CHECK(contains(text, "region parse calls 1 "));
        CHECK(contains(text, "/proc/no/such/tables.json"));
    }

    TEST_CASE("a report that nobody reads does not end the program") {
        setenv("PMC_REPORT", "-", 1);
        std::fflush(nullptr);
        const pid_t program = fork();
        if (program == 0) {
            { const pmc::Scope scope{parse}; }
            int ends[2];
            if (pipe(ends) == 0) {
                dup2(ends[1], STDERR_FILENO);
                close(ends[0]);
            }
            std::exit(7);
        }
        int status = 0;
        waitpid(program, &status, 0);
        unsetenv("PMC_REPORT");
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 7);
    }

    TEST_CASE("a report does not go through another user's link, nor over a file that somebody put beside it") {
        if (geteuid() != 0)
            return; // only root can make a link of somebody else's
        const Folder folder;
        const std::string victim = std::string(folder.path) + "/victim";
        const std::string report = std::string(folder.path) + "/report.json";
        std::ofstream(victim) << "precious";
        REQUIRE(symlink(victim.c_str(), report.c_str()) == 0);
        REQUIRE(lchown(report.c_str(), 65534, 65534) == 0);
        setenv("PMC_REPORT", report.c_str(), 1);
        std::fflush(nullptr);
        const pid_t program = fork();
        if (program == 0) {
            std::ofstream(report + ".part." + std::to_string(getpid())) << "in the way";
            { const pmc::Scope scope{parse}; }
            std::exit(0);
        }
        waitpid(program, nullptr, 0);
        unsetenv("PMC_REPORT");
        CHECK(read_file(victim) == "precious");
    }

    TEST_CASE("PMC_REPORT is where it was when the program began, whatever folder it changes to") {
        const Folder folder;
        setenv("PMC_REPORT", "relative.json", 1);
        std::fflush(nullptr);
        const pid_t program = fork();
        if (program == 0) {
            const bool there = chdir(folder.path) == 0;
            { const pmc::Scope scope{parse}; }
            std::exit(there && chdir("/") == 0 ? 0 : 1);
        }
        waitpid(program, nullptr, 0);
        unsetenv("PMC_REPORT");
        CHECK(contains(read_file(std::string(folder.path) + "/relative.json"), "\"parse\""));
    }

    TEST_CASE("PMC_REPORT is written at exit: %p is the pid, and a child does not write over its parent's") {
        const Folder folder;
        const std::string plain = std::string(folder.path) + "/plain.json";
        setenv("PMC_EVENTS", "page-faults", 1);
        setenv("PMC_REPORT", plain.c_str(), 1);
        std::fflush(nullptr);
        const pid_t program = fork();
        if (program == 0) {
            { const pmc::Scope scope{parse}; }
            const pid_t child = fork();
            if (child == 0) {
                { const pmc::Scope scope{row}; }
                std::exit(0);
            }
            waitpid(child, nullptr, 0);
            std::ofstream(std::string(folder.path) + "/child") << child;
            std::exit(0);
        }
        int status = 0;
        waitpid(program, &status, 0);
        CHECK(WIFEXITED(status));
        const std::string child = read_file(std::string(folder.path) + "/child");
        CHECK(contains(read_file(plain), "\"parse\""));
        CHECK_FALSE(contains(read_file(plain), "\"row\""));
        CHECK(contains(read_file(plain + "." + child), "\"row\""));

        setenv("PMC_REPORT", (std::string(folder.path) + "/%p-100%%.json").c_str(), 1);
        const pid_t other = fork();
        if (other == 0) {
            { const pmc::Scope scope{parse}; }
            std::exit(0);
        }
        waitpid(other, nullptr, 0);
        CHECK(contains(read_file(std::string(folder.path) + '/' + std::to_string(other) + "-100%.json"), "\"parse\""));

        setenv("PMC_REPORT", "/proc/no/such/folder.json", 1);
        const pid_t last = fork();
        if (last == 0) {
            { const pmc::Scope scope{parse}; }
            std::exit(7);
        }
        waitpid(last, &status, 0);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 7);
        unsetenv("PMC_REPORT");
        unsetenv("PMC_EVENTS");
    }
}
