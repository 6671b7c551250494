#include "../unit/text_line.hpp"
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <string>
#include <sys/mount.h>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;
using fault::run_leaving_nothing;
using fault::Target;
using fault::with;

// /proc or /sys is an empty folder. Where this process may not make it so, nothing is missing, and each test says that
// it was not shown.

namespace {

process::Setting without(std::vector<const char*> folders) {
    return {.in_child = [folders = std::move(folders)] {
        for (const char* const folder : folders)
            if (fault::may_cover())
                fault::cover(folder);
    }};
}

/// Whether what a test is called after is shown; it says so if it is not.
bool is_shown() {
    if (!fault::may_cover())
        MESSAGE("nothing can be mounted here, so this was not shown");
    return fault::may_cover();
}

void check_unlisted(const Outcome& outcome, const std::string& what, const std::string& hint) {
    CAPTURE(outcome.err);
    CHECK(outcome.status == 125);
    CHECK(outcome.err.starts_with("pmcstat: error: "));
    CHECK(contains(outcome.err, what + '\n'));
    CHECK(contains(outcome.err, "\n  hint: " + hint + '\n'));
}

/// Of pmcstat with these arguments.
void check_counted(const std::vector<std::string>& arguments, const process::Setting& setting, int status) {
    if (fault::are_refused(arguments))
        return;
    const Outcome outcome = pmcstat_leaving_nothing(arguments, setting);
    CAPTURE(outcome.err);
    CHECK(outcome.status == status);
    CHECK(fault::is_counted(line_with(outcome.err, "  task-clock")));
}

/// Of a process that the test has started.
void check_attached(const std::vector<std::string>& arguments, const process::Setting& setting, int status) {
    if (fault::may_cover() && fault::covers_in_user_namespace())
        fault::check_refused(pmcstat_leaving_nothing(arguments, setting));
    else
        check_counted(arguments, setting, status);
}

void check_program_counts(const process::Setting& setting) {
    const Outcome faces = run_leaving_nothing({process::program("library_work"), "task-clock"}, setting);
    CHECK(faces.status == 0);
    CHECK(faces.out == "group: counted by system call\nregion: counted\nmeasure: counted\nfiles left: 0\n");
    // Without /sys nothing lists the PMU: whether there is one shows when it is opened.
    const Outcome cycles = run_leaving_nothing({process::program("library_work"), "cycles"}, setting);
    CAPTURE(cycles.out);
    CHECK(cycles.status == 0);
    CHECK(contains(cycles.out, process::machine_has_pmu() ? "group: counted" : "group: none, "));
    CHECK(contains(cycles.out, process::machine_has_pmu() ? "region: counted" : "region: none, "));
    CHECK(contains(cycles.out, process::machine_has_pmu() ? "measure: counted" : "measure: none, "));
}

const process::Setting no_proc = without({"/proc"});
const process::Setting no_sys = without({"/sys"});
const process::Setting neither = without({"/proc", "/sys"});

} // namespace

TEST_SUITE("faults unmounted") {
    TEST_CASE("without /sys a command is counted; of the PMUs it says that they can't be listed") {
        const bool shown = is_shown();
        for (const process::Setting& setting : {no_sys, neither}) {
            check_counted(with({"-e", "task-clock,cycles"}), setting, 3);
            const Outcome outcome = pmcstat_leaving_nothing(with({}), setting);
            CAPTURE(outcome.err);
            CHECK(outcome.status == 3);
            if (shown && contains(outcome.err, "NO HARDWARE COUNTERS")) {
                CHECK(contains(outcome.err, "/sys is not mounted"));
                CHECK(contains(outcome.err, "\n  hint: mount -t sysfs sysfs /sys\n"));
            }
            // An event that can be opened without being listed is tried.
            const std::string cycles =
                line_with(pmcstat_leaving_nothing(with({"-e", "cycles"}), setting).err, "  cycles");
            CHECK(contains(cycles, "n/a") == !process::machine_has_pmu());
        }
    }

    TEST_CASE("without /sys a process is counted") {
        is_shown();
        const Target target{"while :; do /bin/true; done"};
        check_attached({"-e", "task-clock", "-p", target.pid(), "--timeout", "50"}, no_sys, 124);
        check_attached(with({"-e", "task-clock", "-p", target.pid()}, {"--", "sleep", "0.05"}), no_sys, 0);
        CHECK(process::alive(target.id()));
    }

    TEST_CASE("without /sys the CPUs are those of /proc; without both they can't be known, and it says so") {
        check_counted({"-e", "task-clock", "-a", "--timeout", "50"}, no_sys, 124);
        check_counted(with({"-e", "task-clock", "-a"}), no_sys, 3);
        if (!is_shown())
            return;
        for (const std::vector<std::string>& where :
             {std::vector<std::string>{"-a"}, {"-A"}, {"-C", "0"}, {"--per-socket"}}) {
            const Outcome outcome = pmcstat_leaving_nothing(with({"-e", "task-clock"}, where), neither);
            check_unlisted(outcome, "the CPUs can't be listed: /sys is not mounted", "mount -t sysfs sysfs /sys");
        }
    }

    TEST_CASE("without /sys a program counts") {
        is_shown();
        check_program_counts(no_sys);
        check_program_counts(neither);
    }

    TEST_CASE("without /proc a command is counted") {
        is_shown();
        check_counted(with({"-e", "task-clock"}), no_proc, 3);
        CHECK(pmcstat_leaving_nothing(with({}), no_proc).status == 3);
        CHECK(pmcstat_leaving_nothing(with({"-r", "2"}), no_proc).status == 3);
    }

    TEST_CASE("without /proc what a command leaves can't be found, which is said if it leaves anything") {
        const std::vector<std::string> options = {"-e", "task-clock", "--timeout", "100"};
        const std::string warning = "what the command leaves can't be found";
        const Outcome alone = pmcstat_leaving_nothing(with(options, {"--", "sleep", "50"}), no_proc);
        CHECK(alone.status == 124);
        CHECK_FALSE(contains(alone.err, warning));
        const std::string daemon = "(setsid sleep 4 &); exec sleep 50";
        const Outcome left = process::pmcstat(with(options, {"--", "sh", "-c", daemon}), no_proc);
        CHECK(left.status == 124);
        CHECK(contains(left.err, warning) == fault::may_cover());
        CHECK(contains(left.err, "mount -t proc proc /proc") == fault::may_cover());
    }

    TEST_CASE("without /proc a process's threads can't be known, which is an error; a thread can be counted") {
        const Target target{"while :; do :; done"};
        if (is_shown()) {
            check_unlisted(pmcstat_leaving_nothing(with({"-p", target.pid()}), no_proc),
                           "its threads can't be listed: /proc is not mounted", "mount -t proc proc /proc");
            check_unlisted(pmcstat_leaving_nothing({"--name", "sh", "--timeout", "50"}, no_proc),
                           "processes can't be listed: /proc is not mounted", "mount -t proc proc /proc");
        }
        check_attached({"-e", "task-clock", "-t", target.pid(), "--timeout", "50"}, no_proc, 124);
        CHECK(process::alive(target.id()));
        // That there is no such process is still known.
        Target gone{"exit 0"};
        const std::string pid = gone.pid();
        gone.end();
        const Outcome outcome = pmcstat_leaving_nothing({"-p", pid, "--timeout", "50"}, no_proc);
        CHECK(outcome.status == 125);
        CHECK(contains(outcome.err, "there is no such process"));
    }

    TEST_CASE("a process that /proc hides is not said to be missing") {
        const Target target{"sleep 100"};
        const bool hidden = geteuid() == 0 && is_shown(); // /proc of this PID namespace is root's to mount
        const Outcome outcome = pmcstat_leaving_nothing({"-p", target.pid(), "--timeout", "50"}, {.in_child = [=] {
                                                            if (!hidden)
                                                                return;
                                                            fault::cover("/sys/kernel"); // for mounts of its own
                                                            if (mount("proc", "/proc", "proc", 0, "hidepid=2") != 0)
                                                                _exit(99);
                                                            fault::become_nobody();
                                                        }});
        CHECK_FALSE(contains(outcome.err, "there is no such process"));
        if (hidden)
            check_unlisted(outcome, "it is another user's, and /proc does not show it (hidepid)",
                           "run as root, or as that user");
    }

    TEST_CASE("without /proc all CPUs are counted") {
        is_shown();
        check_counted({"-e", "task-clock", "-a", "--timeout", "50"}, no_proc, 124);
        check_counted(with({"-e", "task-clock", "-A"}), no_proc, 3);
    }

    TEST_CASE("without /proc a program counts") {
        is_shown();
        check_program_counts(no_proc);
    }
}
