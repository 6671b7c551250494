// Rights: of the command, of files that are made, and of a pmcstat that has more of them than its user.
#include "fault.hpp"
#include "process.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <linux/capability.h>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

using process::pmcstat;
using process::Setting;

namespace {

constexpr unsigned nobody = 65534;

bool is_root() {
    return geteuid() == 0;
}

void become_nobody() {
    if (is_root() && (setgroups(0, nullptr) != 0 || setresgid(nobody, nobody, nobody) != 0 ||
                      setresuid(nobody, nobody, nobody) != 0))
        _exit(126);
}

/// A folder that anybody may write to, without the sticky bit, so that the kernel's own protection is not what is
/// tested.
std::string open_folder() {
    std::string path = process::scratch() + "/open.XXXXXX";
    REQUIRE(mkdtemp(path.data()) != nullptr);
    REQUIRE(chmod(path.c_str(), 0777) == 0);
    return path;
}

std::string write_file(const std::string& path, std::string_view text, mode_t mode = 0644) {
    std::ofstream(path) << text;
    REQUIRE(chmod(path.c_str(), mode) == 0);
    return path;
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

/// A copy of a program whose exec gives a capability; any that this process may give away does.
std::string with_capability(const std::string& program) {
    unsigned capability = 0;
    while (capability < 63 && prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != 1)
        ++capability;
    const std::uint64_t bits = std::uint64_t{1} << capability;
    const auto low = static_cast<std::uint32_t>(bits);
    const auto high = static_cast<std::uint32_t>(bits >> 32);
    const vfs_cap_data data{.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE, .data = {{low, 0}, {high, 0}}};
    // Not every file system has room for it.
    for (const std::string& folder : {process::scratch(), std::string("/var/tmp"), std::string(".")}) {
        std::string path = std::filesystem::absolute(folder) / "capable.XXXXXX";
        const int fd = mkstemp(path.data());
        if (fd < 0)
            continue;
        close(fd);
        std::filesystem::copy_file(program, path, std::filesystem::copy_options::overwrite_existing);
        REQUIRE(chmod(path.c_str(), 0755) == 0);
        if (setxattr(path.c_str(), "security.capability", &data, sizeof data, 0) == 0)
            return path;
        unlink(path.c_str());
    }
    FAIL("no file system here gives programs capabilities");
    return {};
}

std::string path_of_pmcstat() {
    const char* const path = std::getenv("PMC_PMCSTAT");
    return path != nullptr ? path : "/usr/bin/pmcstat";
}

/// A table with a metric of its own.
std::string planted_table() {
    return write_file(open_folder() + "/table.json",
                      R"({"metrics": {"planted": {"title": "a", "read": "b", "source": "c", "unit": "d", "label": "e",
                          "formula": "task_clock"}}})");
}

} // namespace

TEST_SUITE("security") {
    TEST_CASE("--user runs the command as that user, and what it does is counted") {
        const Outcome outcome =
            pmcstat({"--user", "nobody", "-e", "task-clock", "--format", "json", "--", "sh", "-c",
                     "id -u; id -G; echo $USER $LOGNAME; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"});
        CAPTURE(outcome.err);
        if (!is_root()) {
            CHECK(outcome.status == 125);
            CHECK(contains(outcome.err, "the command can't be run as nobody: operation not permitted\n  hint: "));
            CHECK(outcome.out.empty());
            return;
        }
        CHECK(outcome.status == 0);
        CHECK(outcome.out == "65534\n65534\nnobody nobody\n");
        // The kernel ends the counters of who gains rights by an exec, not of who gave some up.
        const Json document = Json::parse(outcome.err);
        const double counted_s =
            find_by(document["samples"][0]["events"], "name", "task-clock")["raw"].get<double>() / 1e9;
        const double used_s = document["run"]["user_s"].get<double>() + document["run"]["sys_s"].get<double>();
        CHECK(counted_s > used_s / 2);
    }

    TEST_CASE("--user goes with repeats, passes, a target and compare") {
        const std::string who = open_folder() + "/who";
        const std::string says = "id -u >> " + who;
        const int wanted = is_root() ? 0 : 125;
        CHECK(pmcstat({"--user", "nobody", "-r", "3", "-e", "task-clock", "sh", "-c", says}).status == wanted);
        CHECK(pmcstat({"--user", "nobody", "--passes", "-e", "task-clock", "sh", "-c", says}).status == wanted);
        CHECK(pmcstat({"--user", "nobody", "-p", std::to_string(getpid()), "-e", "task-clock", "sh", "-c", says})
                  .status == wanted);
        CHECK(pmcstat({"compare", "--user", "nobody", "-r", "2", "-e", "task-clock", "--shell", says, says}).status ==
              wanted);
        const std::string said = process::read_file(who);
        CHECK(said.find_first_not_of("65534\n") == std::string::npos);
        CHECK(said.empty() == !is_root());
    }

    TEST_CASE("a command of another user's is modelled as well") {
        const Outcome outcome =
            pmcstat({"--user", "nobody", "--backend", "model", "-e", "instructions", "--", "sh", "-c", "id -u"});
        CAPTURE(outcome.err);
        CHECK(outcome.status == (is_root() ? 0 : 125));
        CHECK(outcome.out == (is_root() ? "65534\n" : ""));
        CHECK(contains(outcome.err, "instructions") == is_root());
    }

    TEST_CASE("what that user may not execute is 126, as without --user") {
        const std::string closed = open_folder() + "/closed";
        std::filesystem::copy_file("/bin/true", closed);
        REQUIRE(chmod(closed.c_str(), 0700) == 0);
        for (const char* const backend : {"hardware", "model"}) {
            CAPTURE(backend);
            const Outcome outcome = pmcstat({"--user", "nobody", "--backend", backend, "-e", "instructions", closed});
            CAPTURE(outcome.err);
            CHECK(outcome.status == (is_root() ? 126 : 125));
            CHECK(contains(outcome.err, "pmcstat: error: "));
            CHECK(contains(outcome.err, "\n  hint: "));
        }
    }

    TEST_CASE("a --user that is none, or has nothing to run, is refused before anything runs") {
        const Outcome unknown = pmcstat({"--user", "no such user", "touch", process::scratch() + "/ran"});
        CHECK(unknown.status == 125);
        CHECK(contains(unknown.err, "pmcstat: error: there is no user 'no such user'\n  hint: "));
        CHECK_FALSE(process::exists(process::scratch() + "/ran"));
        CHECK(pmcstat({"--user", "nobody", "-a"}).status == 125);
        CHECK(pmcstat({"--user", "nobody", "--replay", "-"}).status == 125);
        CHECK(pmcstat({"compare", "--results", "--user", "nobody", "a", "b"}).status == 125);
    }

    TEST_CASE("--user of who is in more groups than the kernel takes: the command has as many of them as that") {
        const bool may_have_groups = is_root() && fault::may_cover() && !fault::covers_in_user_namespace();
        Setting setting;
        setting.in_child = [may_have_groups] {
            if (!may_have_groups)
                return;
            fault::cover("/etc");
            std::ofstream("/etc/passwd") << "many:x:4711:4711::/:/bin/sh\n";
            std::ofstream groups("/etc/group");
            for (int group = 100'000; group < 170'000; ++group)
                groups << 'g' << group << ":x:" << group << ":many\n";
        };
        const Outcome outcome = pmcstat({"--user", "many", "-e", "task-clock", "--", "sh", "-c",
                                         "set -- $(grep ^Groups: /proc/self/status); echo $#"},
                                        setting);
        CAPTURE(outcome.err);
        CHECK(outcome.status == (may_have_groups ? 0 : 125));
        CHECK(outcome.out == (may_have_groups ? "65537\n" : "")); // and the title of that line
        CHECK(contains(outcome.err, "there is no user 'many'") != may_have_groups);
    }

    TEST_CASE("regions of another user's program are told; what else he puts there is not read, and does no harm") {
        const std::string folder = open_folder();
        REQUIRE(chmod(folder.c_str(), 01777) == 0); // else it is not taken for TMPDIR
        const std::string document = R"({"schema": "pmcstat/1", "cpu": {}, "run": {"mode": "user"}, "samples": [
{"scope": "region", "id": "NAME", "end_s": 0.5, "region": {"pid": 1, "calls": 250, "time_s": 0.5}, "events": []}]})";
        const auto named = [&](const std::string& name) {
            return write_file(folder + "/" + name, std::string(document).replace(document.find("NAME"), 4, name));
        };
        named("own");
        const std::string secret = named("secret");
        const std::string victim = folder + "/victim";
        std::filesystem::create_directory(victim);
        named("victim/kept");
        // His folder he may even move, and put a link to another in its place.
        const std::string script = "cd ${PMC_REPORT%/*} && cp " + folder + "/own 11.json && ln -s " + secret +
                                   " 12.json && mkfifo 13.json && truncate -s 1T 14.json && mkdir 15.json; ln " +
                                   secret + " 16.json; cd /; mv ${PMC_REPORT%/*} " + folder + "/moved && ln -s " +
                                   victim + " ${PMC_REPORT%/*}; true";
        Setting setting;
        setting.in_child = [folder] {
            unsetenv("PMC_REPORT");
            setenv("TMPDIR", folder.c_str(), 1);
        };
        std::vector<std::string> words = {"-e", "task-clock", "--", "sh", "-c", script};
        if (is_root())
            words.insert(words.begin(), {"--user", "nobody"});
        const Outcome outcome = pmcstat(words, setting);
        CAPTURE(outcome.err);
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.err, "own"));
        CHECK_FALSE(contains(outcome.err, "secret   "));
        CHECK(contains(outcome.err, "the regions of pid 12 are lost: "));
        CHECK(contains(outcome.err, "the regions of pid 13 are lost: "));
        CHECK(contains(outcome.err, "the regions of pid 14 are lost: File too large"));
        CHECK(process::exists(secret));
        CHECK(process::exists(victim + "/kept"));
        CHECK(std::filesystem::is_empty(folder + "/moved"));
    }

    TEST_CASE("with more rights than its user pmcstat reads no tables that he names in its environment") {
        Setting plain;
        const std::string table = planted_table();
        plain.in_child = [&] {
            setenv("PMC_TABLES", table.c_str(), 1);
            become_nobody();
        };
        CHECK(pmcstat({"list", "planted"}, plain).status == 0);
        if (!is_root())
            return; // nor could anybody here give it more
        const std::string capable = with_capability(path_of_pmcstat());
        const Outcome outcome = process::run({capable, "list", "planted"}, plain);
        CHECK(outcome.status == 1);
        CHECK_FALSE(contains(outcome.out, "planted"));
        CHECK(process::run({capable, "list", "--tables", table, "planted"}, plain).status == 0); // his own wish
        unlink(capable.c_str());
    }

    TEST_CASE("with more rights than its user a program does not write where he says") {
        const std::string folder = open_folder();
        Setting plain;
        plain.in_child = [&] {
            setenv("PMC_REPORT", (folder + "/%p.json").c_str(), 1);
            setenv("PMC_EVENTS", "task-clock", 1);
        };
        const std::string program = process::program("region_work");
        REQUIRE(process::run({program, "once", "10"}, plain).status == 0);
        CHECK_FALSE(std::filesystem::is_empty(folder));
        if (!is_root())
            return;
        // As if it were setuid: who runs it is nobody, and its rights are root's.
        const std::string other = open_folder();
        Setting setuid = plain;
        setuid.in_child = [&] {
            plain.in_child();
            setenv("PMC_REPORT", (other + "/%p.json").c_str(), 1);
            if (setresuid(nobody, 0, 0) != 0)
                _exit(126);
        };
        REQUIRE(process::run({program, "once", "10"}, setuid).status == 0);
        CHECK(std::filesystem::is_empty(other));
    }

    TEST_CASE("pmcstat does not run setuid or setgid") {
        const std::string file = open_folder() + "/ran";
        for (const bool by_user : {true, false}) {
            Setting setting;
            setting.in_child = [by_user] {
                if (is_root() && (by_user ? setresuid(nobody, 0, 0) : setresgid(nobody, 0, 0)) != 0)
                    _exit(126);
            };
            const Outcome outcome = pmcstat({"-e", "task-clock", "touch", file}, setting);
            CAPTURE(outcome.err);
            CHECK(outcome.status == (is_root() ? 125 : 0));
            CHECK(contains(outcome.err, "pmcstat: error: pmcstat does not run setuid or setgid") == is_root());
            CHECK(process::exists(file) == !is_root());
        }
    }

    TEST_CASE("libpfm4 is not told what to do by who has fewer rights") {
        Setting plain;
        plain.in_child = [] {
            setenv("LIBPFM_VERBOSE", "1", 1);
            become_nobody();
        };
        const std::vector<std::string> words = {"-e", "skx::LONGEST_LAT_CACHE:MISS", "true"};
        const std::string refusal = "libpfm4 is not used: this program has more rights than you";
        CHECK_FALSE(contains(pmcstat(words, plain).err, refusal));
        if (!is_root())
            return;
        const std::string capable = with_capability(path_of_pmcstat());
        std::vector<std::string> with_rights = words;
        with_rights.insert(with_rights.begin(), capable);
        CHECK(contains(process::run(with_rights, plain).err, refusal));
        plain.in_child = become_nobody;
        CHECK_FALSE(contains(process::run(with_rights, plain).err, refusal));
        unlink(capable.c_str());
    }

    TEST_CASE("a file of -o has what the umask leaves") {
        for (const mode_t mask : {0027U, 0077U, 0000U}) {
            for (const bool in_pieces : {false, true}) {
                const std::string file = open_folder() + "/report";
                Setting setting;
                setting.in_child = [mask] { umask(mask); };
                std::vector<std::string> words = {"-o", file, "-e", "task-clock", "true"};
                if (in_pieces)
                    words.insert(words.begin(), {"-I", "100"});
                REQUIRE(pmcstat(words, setting).status == 0);
                CHECK(mode_of(file) == (0666 & ~mask));
            }
        }
    }

    TEST_CASE("a file that -o replaces keeps its mode, but hands on no rights") {
        const std::string file = write_file(open_folder() + "/report", "before", 06755);
        REQUIRE(pmcstat({"-o", file, "-e", "task-clock", "true"}).status == 0);
        CHECK(mode_of(file) == 0755);
    }

    TEST_CASE("-o goes through a link of one's own, and through nobody else's") {
        const std::string folder = open_folder();
        const std::string target = write_file(folder + "/target", "before");
        const std::string link = folder + "/link";
        REQUIRE(symlink(target.c_str(), link.c_str()) == 0);
        const auto reported = [&] { return pmcstat({"-o", link, "-e", "task-clock", "true"}); };
        CHECK(reported().status == 0);
        CHECK(process::read_file(target) != "before");
        CHECK(std::filesystem::is_symlink(link));
        write_file(target, "before");
        if (is_root())
            REQUIRE(lchown(link.c_str(), nobody, nobody) == 0);
        const Outcome outcome = reported();
        CHECK(outcome.status == (is_root() ? 125 : 0));
        CHECK((process::read_file(target) == "before") == is_root());
        CHECK(contains(outcome.err, "is a link of another user's\n  hint: ") == is_root());
    }
}
