#include "../unit/text_line.hpp"
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;
using fault::run_leaving_nothing;
using fault::Target;
using fault::with;

// What there is too little of: open files, memory that may be locked, memory.

namespace {

process::Setting files(rlim_t most) {
    return {.in_child = [=] { fault::limit(RLIMIT_NOFILE, most); }};
}

/// Soft and hard apart: what pmcstat may raise.
process::Setting files_raisable(rlim_t soft, rlim_t hard) {
    return {.in_child = [=] {
        const rlimit limit{soft, hard};
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            _exit(99);
    }};
}

void check_too_few_files(const Outcome& outcome) {
    CAPTURE(outcome.err);
    CHECK(outcome.status == 125);
    CHECK(outcome.err.starts_with("pmcstat: error: "));
    CHECK(contains(outcome.err, "\n  hint: "));
    CHECK((contains(outcome.err, "ulimit -n ") || contains(outcome.err, "raise the hard limit: nofile ")));
}

/// Under every limit down to the loader's own: it is done, in whole or in part, or it is told that files are too few.
void check_each_limit(const std::vector<std::string>& arguments, int good) {
    bool told = false;
    bool done = false;
    for (rlim_t most = 4; most <= 16; ++most) {
        CAPTURE(most);
        const Outcome outcome = pmcstat_leaving_nothing(arguments, files(most));
        if (outcome.status == good) {
            CHECK_FALSE(contains(outcome.err, "error: "));
            done = true;
            continue;
        }
        check_too_few_files(outcome);
        CHECK_FALSE(done); // more files are never worse
        told = true;
    }
    CHECK(told);
    CHECK(done);
}

/// kernel.perf_event_mlock_kb, which everybody may lock beside RLIMIT_MEMLOCK, is 0 for the length of a test if this is
/// root.
class NoAllowance {
public:
    NoAllowance() : before_(process::read_file(file)) { std::ofstream(file) << 0; }
    NoAllowance(const NoAllowance&) = delete;
    NoAllowance& operator=(const NoAllowance&) = delete;
    ~NoAllowance() { std::ofstream(file) << before_; }

private:
    static constexpr const char* file = "/proc/sys/kernel/perf_event_mlock_kb";
    std::string before_;
};

const process::Setting nothing_locked{.in_child = [] {
    fault::give_up_locking();
    fault::limit(RLIMIT_MEMLOCK, 0);
}};

constexpr rlim_t step = 32 * 1024;

/// The least memory, in steps, by which this ends with status 0; 0 if a gigabyte is too little (a sanitizer's build).
rlim_t least_memory(const std::vector<std::string>& argv) {
    const auto runs = [&](rlim_t steps) {
        return process::run(argv, {.in_child = [=] { fault::limit(RLIMIT_AS, steps * step); }}).status == 0;
    };
    rlim_t low = 0;
    rlim_t high = rlim_t{1} << 15; // 1 GiB
    if (!runs(high))
        return 0;
    while (low + 1 < high) {
        const rlim_t middle = (low + high) / 2;
        (runs(middle) ? high : low) = middle;
    }
    return high;
}

/// The outcomes of twenty limits from there on, and of one that is enough.
void under_memory_limits(rlim_t least, const std::function<Outcome(const process::Setting&)>& run,
                         const std::function<void(const Outcome&)>& check) {
    for (rlim_t more = 0; more <= 20; ++more) {
        CAPTURE(more);
        const rlim_t steps = more < 20 ? least + more : 2 * least;
        const rlim_t bytes = least == 0 ? RLIM_INFINITY : steps * step;
        const Outcome outcome = run({.in_child = [=] { fault::limit(RLIMIT_AS, bytes); }});
        CAPTURE(outcome.status);
        CAPTURE(outcome.err);
        check(outcome);
    }
}

} // namespace

TEST_SUITE("faults limits") {
    TEST_CASE("too few files: a command runs, and what found no file is not available") {
        check_each_limit(with({"-e", "task-clock,page-faults"}), 3);
        check_each_limit(with({}), 3);
        const Outcome outcome = pmcstat_leaving_nothing(with({"-e", "{task-clock,page-faults}"}), files(8));
        CAPTURE(outcome.err);
        CHECK(outcome.status == 3);
        for (const char* const name : {"  task-clock", "  page-faults"}) {
            const std::string line = line_with(outcome.err, name);
            CHECK(contains(line, " n/a "));
            CHECK(contains(line, "may open no more than 8 files"));
            CHECK(contains(line, "2 events in 1 group take 2"));
        }
        CHECK(contains(outcome.err, "\n  hint: count fewer events, or raise the hard limit: nofile "));
    }

    TEST_CASE("too few files to read what a command said of its regions: the note says what to do") {
        for (const int error : {EMFILE, ENFILE}) {
            CAPTURE(error);
            const process::Setting denied{.in_child = [=] {
                unsetenv("PMC_REPORT");
                fault::deny_opening(O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, error);
            }};
            const Outcome outcome = pmcstat_leaving_nothing(
                {"-e", "task-clock", "--", "sh", "-c", "echo > ${PMC_REPORT%/*}/11.json; exit 3"}, denied);
            CHECK(outcome.status == 3);
            const std::string note =
                line_with(outcome.err, "  note: the regions of pid 11 are lost: Too many open files");
            CHECK_MESSAGE(
                contains(note, error == EMFILE ? "; count fewer events, or raise the " : "; close programs, "),
                outcome.err);
        }
    }

    TEST_CASE("too few files for a command's own process: it does not run, and the limit is told") {
        const std::string mark = process::scratch() + "/few_files";
        for (const rlim_t most : {rlim_t{4}, rlim_t{5}}) {
            check_too_few_files(pmcstat_leaving_nothing({"--", "touch", mark}, files(most)));
            check_too_few_files(pmcstat_leaving_nothing({"-r", "3", "--", "touch", mark}, files(most)));
            check_too_few_files(pmcstat_leaving_nothing({"-a", "--", "touch", mark}, files(most)));
            CHECK_FALSE(process::exists(mark));
        }
    }

    TEST_CASE("few files that may be more: pmcstat takes them, and the command has what it was given") {
        const std::vector<std::string> command{"--", "sh", "-c", "ulimit -Sn; ulimit -Hn; exit 3"};
        for (const std::vector<std::string>& where : {std::vector<std::string>{}, {"-a"}}) {
            const std::vector<std::string> arguments = with(with({"-e", "task-clock,page-faults"}, where), command);
            if (fault::are_refused(arguments))
                continue;
            const Outcome outcome = pmcstat_leaving_nothing(arguments, files_raisable(6, 512));
            CAPTURE(outcome.err);
            CHECK(outcome.status == 3);
            CHECK(outcome.out == "6\n512\n");
            CHECK_FALSE(contains(outcome.err, "n/a"));
        }
    }

    TEST_CASE("too few files for a process of many threads: the error has the arithmetic, and the process runs on") {
        const std::string workers = process::program("workers");
        Target target{"exec " + workers + " threads 30 1000000000000"};
        REQUIRE(process::eventually(
            [&] { return contains(process::read_file("/proc/" + target.pid() + "/status"), "Threads:\t31"); }));
        const std::vector<std::string> arguments{"-e", "{task-clock,page-faults}", "-p", target.pid(), "--timeout",
                                                 "50"};
        const Outcome outcome = pmcstat_leaving_nothing(arguments, files(40));
        check_too_few_files(outcome);
        CHECK(contains(outcome.err, "2 events in 1 group take 2 on each of 31 threads"));
        CHECK(pmcstat_leaving_nothing(arguments, files(100)).status == 124);
        CHECK(pmcstat_leaving_nothing(arguments, files_raisable(40, 100)).status == 124);
        CHECK(process::alive(target.id()));
        target.end();
    }

    TEST_CASE("too few files to attach: it is told, also where it is the list of threads that can't be read") {
        const Target target{"sleep 100"};
        check_each_limit({"-e", "task-clock,page-faults", "-p", target.pid(), "--timeout", "10"}, 124);
        check_each_limit(with({"-e", "task-clock,page-faults", "-p", target.pid()}), 3);
        CHECK(process::alive(target.id()));
    }

    TEST_CASE("too few files for all CPUs: it is told, also where it is the list of CPUs that can't be read") {
        if (fault::are_refused({"-e", "task-clock", "-a", "--timeout", "10"}))
            return;
        // One event takes a file for each CPU, whatever their number here.
        check_each_limit({"-e", "task-clock", "-C", "0", "--timeout", "10"}, 124);
        check_each_limit(with({"-e", "task-clock", "-C", "0"}), 3);
        const Outcome list = pmcstat_leaving_nothing({"-e", "task-clock", "-a", "--timeout", "10"}, files(4));
        check_too_few_files(list);
        const Outcome all =
            pmcstat_leaving_nothing({"-e", "{task-clock,page-faults}", "-a", "--timeout", "10"}, files(5));
        check_too_few_files(all);
        CHECK(contains(all.err, "2 events in 1 group take 2 on each of "));
    }

    TEST_CASE("too few files in a program: it is told why there is no count, and counts when there are some") {
        const process::Setting few = files(64);
        const Outcome outcome = run_leaving_nothing({process::program("library_work"), "task-clock", "full"}, few);
        CAPTURE(outcome.out);
        CHECK(outcome.status == 0);
        for (const char* const face : {"group: ", "region: ", "measure: "}) {
            const std::string none = std::string(face) + "none, this process may open no more ";
            CHECK(contains(outcome.out, none));
            CHECK_FALSE(line_with(outcome.out, none).ends_with("; "));
            CHECK(contains(outcome.out, std::string(face) + "counted"));
        }
        CHECK(contains(outcome.out, "files left: 0\n"));
    }

    TEST_CASE("nothing may be locked: a command, a process and CPUs are counted as ever") {
        const NoAllowance none;
        fault::check_all_counted(nothing_locked);
    }

    TEST_CASE("nothing may be locked: a program's groups are counted, if not by the instruction") {
        const NoAllowance none;
        const Outcome faces = run_leaving_nothing({process::program("library_work"), "task-clock"}, nothing_locked);
        CAPTURE(faces.out);
        CHECK(faces.status == 0);
        CHECK(faces.out == "group: counted by system call\nregion: counted\nmeasure: counted\nfiles left: 0\n");
    }

    TEST_CASE("too little memory: a command runs and is reported, or a line says that there is no memory") {
        const Target target{"sleep 100"};
        for (const std::vector<std::string>& arguments :
             {with({}), with({"-p", target.pid()}), with({"-e", "task-clock", "-a"})}) {
            if (fault::are_refused(arguments))
                continue;
            bool reported = false;
            under_memory_limits(
                least_memory({process::pmcstat_path(), "--version"}),
                [&](const process::Setting& setting) { return pmcstat_leaving_nothing(arguments, setting); },
                [&](const Outcome& outcome) {
                    reported = outcome.status == 3;
                    if (outcome.status == 3)
                        return;
                    CHECK(outcome.status == 125);
                    CHECK(contains(outcome.err, "memory"));
                    CHECK(contains(outcome.err, "\n  hint: "));
                });
            CHECK(reported);
        }
    }

    TEST_CASE("too little memory: regions do not end a program that has enough for itself") {
        const std::vector<std::string> program{process::program("region_work"), "once", "100"};
        under_memory_limits(
            least_memory(program),
            [&](process::Setting setting) {
                setting.in_child = [limited = setting.in_child] {
                    limited();
                    setenv("PMC_EVENTS", "task-clock,ipc", 1);
                    setenv("PMC_REPORT", "-", 1);
                };
                return run_leaving_nothing(program, setting);
            },
            [](const Outcome& outcome) { CHECK(outcome.status == 0); });
    }
}
