#include <pmc/target.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

/// A child of some name, asleep for as long as this lives.
class Sleeper {
public:
    explicit Sleeper(const char* name) {
        std::array<int, 2> ready{};
        if (pipe(ready.data()) != 0)
            return;
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            prctl(PR_SET_NAME, name);
            close(ready[0]);
            close(ready[1]);
            for (;;)
                pause();
        }
        close(ready[1]);
        char byte = 0;
        [[maybe_unused]] const ssize_t end = read(ready[0], &byte, 1); // ends when the child has its name
        close(ready[0]);
    }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;
    ~Sleeper() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    void end() const {
        kill(pid_, SIGKILL);
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }
    [[nodiscard]] int pid() const { return pid_; }

private:
    pid_t pid_ = -1;
};

std::vector<int> find(const std::string& regex) {
    return pmc::find_processes(regex).value();
}

} // namespace

TEST_SUITE_BEGIN("find_processes");

TEST_CASE("processes are found by the name that the kernel has, ascending") {
    const Sleeper one("pmc (find) 1");
    const Sleeper two("pmc (find) 2");
    std::vector<int> both{one.pid(), two.pid()};
    std::ranges::sort(both);
    CHECK(find("^pmc \\(find\\) [12]$") == both);
    CHECK(find("\\) 2") == std::vector<int>{two.pid()});
    CHECK(find("^pmc \\(find\\) 3$").empty());
}

TEST_CASE("a name may have a newline in it") {
    const Sleeper sleeper("pmc\nfind");
    CHECK(find("^pmc.find$") == std::vector<int>{sleeper.pid()});
}

TEST_CASE("the file name of argv[0] counts too, for those who are called otherwise") {
    const Sleeper sleeper("otherwise");
    const std::vector<int> found = find("^unit$"); // this test's own, which its child has kept
    CHECK(std::ranges::binary_search(found, sleeper.pid()));
}

TEST_CASE("the one who asks is not among them, nor who has ended") {
    const Sleeper sleeper("pmc ended");
    sleeper.end();
    CHECK(find("^pmc ended$").empty());
    CHECK_FALSE(std::ranges::binary_search(find("."), getpid()));
}

TEST_CASE("a bad expression is an error of syntax") {
    CHECK(pmc::find_processes("(").error().kind() == pmc::ErrorKind::syntax);
    CHECK(pmc::find_processes("").error().kind() == pmc::ErrorKind::syntax);
}

TEST_SUITE_END();
