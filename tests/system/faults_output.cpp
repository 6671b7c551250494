#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

using fault::pmcstat_leaving_nothing;
using process::pmcstat_path;
using process::program;

namespace {

using Loss = void (*)();

void close_stdout() {
    close(STDOUT_FILENO);
}
void close_stderr() {
    close(STDERR_FILENO);
}
void close_both() {
    close_stdout();
    close_stderr();
}
void fill_stdout() {
    dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
}
void fill_stderr() {
    dup2(open("/dev/full", O_WRONLY), STDERR_FILENO);
}
void break_stderr() {
    int ends[2];
    if (pipe(ends) != 0 || close(ends[0]) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
        _exit(99);
}

const std::vector<std::vector<std::string>> forms = {{},
                                                     {"--format", "json"},
                                                     {"--format", "csv"},
                                                     {"--format", "ndjson"},
                                                     {"--format", "prom"},
                                                     {"-x,"},
                                                     {"-j"},
                                                     {"-I", "20"},
                                                     {"-I", "20", "--format", "ndjson"}};

Outcome with(Loss loss, std::vector<std::string> form, const std::vector<std::string>& rest) {
    process::Setting setting;
    setting.in_child = loss;
    form.insert(form.end(), rest.begin(), rest.end());
    return pmcstat_leaving_nothing(std::move(form), setting);
}

/// A report without a stderr is an error, and leaves nothing on stdout; -o FILE is as ever.
void check_report_is_lost(const std::vector<std::vector<std::string>>& in_forms,
                          const std::vector<std::string>& target) {
    const auto check = [&](Loss loss, const std::vector<std::string>& form) {
        const Outcome outcome = with(loss, form, target);
        CAPTURE(form.size());
        CHECK(outcome.status == 125);
        CHECK(outcome.out.empty());
    };
    for (const std::vector<std::string>& form : in_forms)
        check(close_stderr, form);
    for (const Loss loss : {close_both, fill_stderr, break_stderr})
        for (const std::vector<std::string>& form : {forms.front(), forms.back()})
            check(loss, form);
    const Outcome heard = with(close_stdout, {}, target);
    CHECK(heard.status == 0);
    CHECK(contains(heard.err, "task-clock"));
    const std::string file = process::scratch() + "/whole";
    unlink(file.c_str());
    CHECK(with(close_both, {"-o", file}, target).status == 0);
    CHECK(contains(process::read_file(file), "task-clock"));
}

/// What is said on a disk without room, where `report` is a document of before; it has to be so afterwards, and alone.
struct OnDisk {
    Outcome outcome;
    int status = -1;
};

enum class Disk { full, limited };

/// Runs `$pmcstat ARGUMENTS` there, as a shell reads them.
OnDisk on_disk(Disk disk, const std::string& arguments, const std::string& variables = "") {
    static int number = 0;
    const std::string folder = process::scratch() + "/disk" + std::to_string(++number);
    REQUIRE(process::run({"mkdir", folder}).status == 0);
    const std::string run = variables + " " + arguments + "; echo status $?";
    static const std::string before = process::scratch() + "/before.json";
    if (!process::exists(before))
        REQUIRE(process::pmcstat({"-e", "task-clock:u", "--format", "json", "-o", before, "--", "true"}).status == 0);
    const std::string fill = "dd if=/dev/zero of=ballast bs=4k 2>/dev/null; ";
    // Where the size of files is limited, nothing but a pipe can take what is said.
    const std::string script = "cd " + folder + "; cp " + before + " report; pmcstat=" + pmcstat_path() + "; " +
                               (disk == Disk::full ? fill + run : "(ulimit -f 0; " + run + ") 2>&1 | cat") +
                               "; rm -f ballast; cmp report " + before + " && echo unchanged; echo files: *";
    process::Setting setting;
    if (disk == Disk::full)
        setting.in_child = [&] { fault::mount_small_disk(folder); };
    OnDisk result{.outcome = fault::run_leaving_nothing({"sh", "-c", script}, setting)};
    const std::string& out = result.outcome.out;
    if (const std::size_t at = out.find("status "); at != std::string::npos)
        result.status = std::atoi(out.c_str() + at + 7);
    CAPTURE(arguments);
    CAPTURE(result.outcome.err);
    CAPTURE(out);
    CHECK(contains(out, "\nunchanged\n"));
    CHECK(out.ends_with("files: report\n"));
    return result;
}

/// It is refused, with a line that says why.
void check_refused(const std::string& arguments, int status = 125) {
    for (const Disk disk : {Disk::full, Disk::limited}) {
        const OnDisk result = on_disk(disk, arguments);
        const std::string said = result.outcome.err + result.outcome.out;
        CAPTURE(arguments);
        CAPTURE(said);
        CHECK(result.status == status);
        CHECK(contains(said, "pmcstat: error: cannot write "));
        CHECK(contains(said, disk == Disk::full ? "No space left on device" : "File too large"));
        CHECK(contains(said, "\n  hint: "));
    }
}

} // namespace

TEST_SUITE("faults output") {
    TEST_CASE("-o through a link to a file that is not there makes that file; one that leads nowhere is no run") {
        const std::string folder = process::scratch() + "/links";
        REQUIRE(process::run({"sh", "-c",
                              "mkdir " + folder + " && cd " + folder +
                                  " && ln -s made one && ln -s one two && ln -s round round && "
                                  "ln -s no/folder lost"})
                    .status == 0);
        for (const std::vector<std::string>& times :
             {std::vector<std::string>{"-I", "10"}, std::vector<std::string>{}}) {
            const auto run_to = [&](const std::string& name) {
                std::vector<std::string> arguments = {"-e", "task-clock", "-o", folder + "/" + name};
                arguments.insert(arguments.end(), times.begin(), times.end());
                return pmcstat_leaving_nothing(
                    fault::with(arguments, {"--", "sh", "-c", "sleep 0.05; touch " + folder + "/ran"}));
            };
            CHECK(run_to("two").status == 0);
            CHECK(contains(process::read_file(folder + "/made"), "task-clock"));
            CHECK(process::run({"sh", "-c", "test -h " + folder + "/one && test -h " + folder + "/two"}).status == 0);
            unlink((folder + "/made").c_str());
            unlink((folder + "/ran").c_str());
            for (const std::string name : {"round", "lost"}) {
                const Outcome nowhere = run_to(name);
                CHECK(nowhere.status == 125);
                CHECK(contains(nowhere.err, "cannot write " + folder + "/" + name));
                CHECK_FALSE(process::exists(folder + "/ran"));
            }
        }
    }

    TEST_CASE("without stderr a command's report is an error in each form, with -o it is as ever") {
        check_report_is_lost(forms, {"-e", "task-clock:u", "--", "sleep", "0.05"});
        for (const Loss loss : {close_stderr, close_both, fill_stderr, break_stderr})
            CHECK(with(loss, {}, {"-e", "task-clock:u", "--", "sh", "-c", "exit 3"}).status == 3);
    }

    TEST_CASE("without stderr a process's report is an error, with -o it is as ever") {
        const fault::Target target("sleep 50");
        check_report_is_lost({forms.front()}, {"-e", "task-clock:u", "-p", target.pid(), "--", "sleep", "0.05"});
        CHECK(process::alive(target.id()));
    }

    TEST_CASE("without stderr the report of all CPUs is an error, with -o it is as ever") {
        if (pmcstat_leaving_nothing({"-e", "task-clock", "-a", "--", "true"}).status == 0)
            check_report_is_lost({forms.front()}, {"-e", "task-clock", "-a", "--", "sleep", "0.05"});
        else
            CHECK(with(close_both, {}, {"-e", "task-clock", "-a", "--", "true"}).status == 125);
    }

    TEST_CASE("what goes to stdout is an error where there is none, and says why") {
        for (const std::vector<std::string>& what :
             std::vector<std::vector<std::string>>{{"list", "ipc"},
                                                   {"list", "--format", "json", "ipc"},
                                                   {"doctor"},
                                                   {"doctor", "--format", "json"},
                                                   {"--help"},
                                                   {"--version"},
                                                   {"compare", "-e", "task-clock:u", "true", "true"}}) {
            CAPTURE(what.front());
            for (const Loss loss : {close_stdout, fill_stdout}) {
                const Outcome outcome = with(loss, what, {});
                CAPTURE(outcome.err);
                CHECK(outcome.status == 125);
                CHECK(contains(outcome.err, "pmcstat: error: cannot write "));
                CHECK(contains(outcome.err, loss == close_stdout ? "Bad file descriptor" : "No space left on device"));
                CHECK(contains(outcome.err, "\n  hint: "));
            }
            CHECK(with(close_both, what, {}).status == 125);
        }
    }

    TEST_CASE("a region report never lands in a file of the program's that has the number of its stderr") {
        const std::string file = process::scratch() + "/its-own";
        for (const char* const report : {"-", "/dev/stderr", "/proc/self/fd/2"}) {
            CAPTURE(report);
            process::Setting setting;
            setting.in_child = [&] {
                setenv("PMC_EVENTS", "task-clock", 1);
                setenv("PMC_REPORT", report, 1);
            };
            const Outcome takes = fault::run_leaving_nothing({program("life_work"), "takes", file}, setting);
            CHECK(takes.status == 0);
            CHECK(process::read_file(file) == "its own\n");
            setting.in_child = [before = setting.in_child] {
                before();
                close(STDERR_FILENO);
            };
            const Outcome closed = fault::run_leaving_nothing({program("life_work"), "opens", file}, setting);
            CHECK(closed.status == 0);
            CHECK(closed.out == "group: counted\nmeasure: counted\nwell\n");
            CHECK(process::read_file(file) == "its own\n");
        }
    }

    TEST_CASE("a region report to where stdout or stderr goes takes nothing away that the program has written there") {
        for (const std::string report : {"/dev/stdout", "/dev/stderr"}) {
            const std::string script = "echo before >&2; echo before; PMC_EVENTS=task-clock PMC_REPORT=" + report +
                                       " " + program("life_work") + " sleeps 1";
            const Outcome outcome = fault::run_leaving_nothing({"sh", "-c", script});
            CHECK(outcome.status == 0);
            CHECK(outcome.out.starts_with("before\n"));
            CHECK(contains(outcome.out, "group: counted\nmeasure: counted\nwell\n"));
            CHECK(outcome.err.starts_with("before\n"));
            CHECK(contains(report == "/dev/stdout" ? outcome.out : outcome.err, "\"region\""));
        }
    }

    TEST_CASE("a full disk, or one more byte than a file may have: the old file stays, and the error is told") {
        check_refused("$pmcstat -e task-clock:u -o report -- true");
        check_refused("$pmcstat -e task-clock:u -o report -- sh -c 'exit 3'", 3);
        check_refused("$pmcstat -e task-clock:u -r 2 --format json -o report -- true");
        check_refused("$pmcstat -e task-clock:u -I 20 --format prom -o report -- sleep 0.1");
        check_refused("$pmcstat -e task-clock:u --save-baseline report -- true");
        check_refused("$pmcstat -e task-clock:u --assert 'task-clock:u>0' --junit report -- true");
        check_refused("$pmcstat gate --input report --assert 'task-clock:u>0' --junit report");
        check_refused("$pmcstat compare -e task-clock:u --format json -o report true true");
        check_refused("$pmcstat --replay report --format csv -o report");
        check_refused("$pmcstat doctor --capture report");
    }

    TEST_CASE("a full disk while a process or all CPUs are counted: the old file stays, and the error is told") {
        // The process is of the same namespace, and has to be there afterwards to be killed.
        const auto of_process = [](const std::string& arguments) {
            check_refused("sleep 50 & $pmcstat -e task-clock:u " + arguments +
                          "; status=$?; kill $! || status=gone; wait $!; (exit $status)");
        };
        of_process("-o report -p $! -- true");
        of_process("-I 20 --format prom -o report -p $!");
        if (pmcstat_leaving_nothing({"-e", "task-clock", "-a", "--", "true"}).status == 0) {
            check_refused("$pmcstat -e task-clock -o report -a -- true");
            check_refused("$pmcstat -e task-clock -I 20 --format prom -o report -a");
        }
    }

    TEST_CASE("a program whose region report has no room ends as ever; the old file stays") {
        for (const Disk disk : {Disk::full, Disk::limited}) {
            const OnDisk result =
                on_disk(disk, program("life_work") + " sleeps 1", "PMC_EVENTS=task-clock PMC_REPORT=$PWD/report");
            CHECK(result.status == 0);
            CHECK(contains(result.outcome.out, "group: counted\nmeasure: counted\nwell\n"));
        }
    }

    TEST_CASE("without room in TMPDIR it is said that a command's regions, or a model's counts, are lost") {
        process::Setting setting;
        setting.in_child = [] { fault::mount_small_disk(std::getenv("TMPDIR")); };
        const auto in_full_folder = [&](const std::string& arguments) {
            return fault::run_leaving_nothing({"sh", "-c",
                                               "dd if=/dev/zero of=$TMPDIR/ballast bs=4k 2>/dev/null; " +
                                                   pmcstat_path() + " " + arguments +
                                                   "; echo status $?; ls -A $TMPDIR"},
                                              setting);
        };
        const Outcome regions = in_full_folder("-e task-clock:u -- " + program("life_work") + " sleeps 1");
        CHECK(contains(regions.out, "\nwell\nstatus 0\nballast\n"));
        CHECK(contains(regions.err, "  task-clock:u "));
        CHECK(contains(regions.err, "  note: no room is left in "));
        const Outcome model = in_full_folder("--backend model -e instructions -- true");
        CAPTURE(model.err);
        CHECK(model.out == "status 0\nballast\n");
        CHECK(contains(model.err, "  instructions   not counted    valgrind has left no counts of the command"));
        CHECK(contains(model.err, "\n  hint: see that there is room where it writes them"));
    }
}
