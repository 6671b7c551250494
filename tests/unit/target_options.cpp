#include "target_options.hpp"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

using pmc::Rows;

namespace {

pmc::Expected<cli::TargetOptions> parsed(std::vector<std::string> words, bool has_command = false) {
    CLI::App app;
    cli::TargetArguments arguments;
    arguments.add_to(app);
    std::reverse(words.begin(), words.end());
    app.parse(std::move(words));
    return arguments.options(has_command);
}

pmc::Target target(std::vector<std::string> words, bool has_command = false) {
    return parsed(std::move(words), has_command).value().target;
}

} // namespace

TEST_SUITE("target_options") {
    TEST_CASE("processes and threads, in lists and one after the other") {
        CHECK(target({"-p", "3,4", "--pid", "5"}).pids == std::vector{3, 4, 5});
        CHECK(target({"-t7"}).tids == std::vector{7});
        CHECK(parsed({"--name", "^nginx$"}).value().name == "^nginx$");
    }

    TEST_CASE("neither target nor command is everything that runs; a command alone is the command") {
        CHECK(target({}).all_cpus);
        CHECK(target({}, true).is_empty());
        CHECK(target({"-p", "1"}).all_cpus == false);
        CHECK(target({"-C", "0"}).all_cpus == false);
    }

    TEST_CASE("rows of CPUs are of all CPUs, also beside a command") {
        for (const char* const option : {"-A", "--per-core", "--per-socket", "--per-node"}) {
            CAPTURE(option);
            CHECK(target({option}, true).all_cpus);
            CHECK_FALSE(target({option, "-C", "0-1"}, true).all_cpus);
            CHECK_FALSE(target({option, "-G", "a"}, true).all_cpus);
        }
        CHECK(target({"-A"}).rows == Rows::cpu);
        CHECK(target({"--per-node"}).rows == Rows::node);
    }

    TEST_CASE("a row per thread is of processes or a command") {
        CHECK(target({"--per-thread", "-p", "1"}).rows == Rows::thread);
        CHECK(target({"--per-thread"}, true).is_empty());
        CHECK_FALSE(parsed({"--per-thread"}));
        for (const std::vector<std::string>& with :
             {std::vector<std::string>{"-a"}, {"-C", "0"}, {"-G", "a"}, {"--for-each-cgroup", "a"}}) {
            std::vector<std::string> words = with;
            words.emplace_back("--per-thread");
            CHECK_FALSE(parsed(words, true));
        }
    }

    TEST_CASE("what excludes each other is named") {
        const auto message = [](std::vector<std::string> words) {
            return parsed(std::move(words), true).error().message();
        };
        CHECK(message({"-p", "1", "-a"}).starts_with("-p with -a: "));
        CHECK(message({"--name", "x", "-C", "0"}).starts_with("--name with -C: "));
        CHECK(message({"-t", "1", "-G", "x"}).starts_with("-t with -G: "));
        CHECK(message({"-a", "-C", "0"}).starts_with("-a with -C: "));
        CHECK(message({"-A", "-p", "1"}).starts_with("-A with -p: "));
        CHECK(message({"-A", "--per-core"}).starts_with("-A and --per-core: "));
        CHECK(message({"-i", "-a"}).starts_with("-i: "));
    }

    TEST_CASE("cgroups are paths below the mount, each once") {
        CHECK(target({"-G", "/a/b,a/b", "-G", "c"}).cgroups == std::vector<std::string>{"a/b", "c"});
        CHECK(target({"-G", "/"}).cgroups == std::vector<std::string>{"/"});
        CHECK(parsed({"--for-each-cgroup", "user.*,/x"}).value().cgroup_patterns ==
              std::vector<std::string>{"user.*", "x"});
        CHECK_FALSE(parsed({"-G", ""}));
        CHECK_FALSE(parsed({"-G", "a,"}));
    }

    TEST_CASE("an expression that is empty would match everything") {
        CHECK_FALSE(parsed({"--name", ""}));
    }

    TEST_CASE("the first option that was given is known by its name") {
        CLI::App app;
        cli::TargetArguments arguments;
        arguments.add_to(app);
        CHECK(arguments.first().empty());
        app.parse(std::vector<std::string>{"0", "-C", "-i"});
        CHECK(arguments.first() == "-C");
    }
}
