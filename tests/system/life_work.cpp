// A program that counts by the library, CounterGroup, Region and measure(), while something happens around it. It says
// in a line for each what it got.
//     life_work children COUNT    so many children, made at once and waited for, within a region and a group's count;
//     each
//                                 touches ten fresh pages
//     life_work runs PROGRAM      a child that becomes that program, likewise
//     life_work sleeps MS         sleeps so long, likewise
//     life_work opens FILE        writes a line into a file of its own, and leaves it open
//     life_work takes FILE        the same, with the number of its standard error, which it closes
//     life_work threads COUNT     so many threads, one after the other, each with a region of its own, likewise
#include "fresh_pages.hpp"

#include <pmc/pmc.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constinit pmc::Region region{"part"};

bool wait_for(pid_t child) {
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool make_children(int count) {
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            touch_fresh_pages(10);
            _exit(0);
        }
        children.push_back(child);
    }
    bool all_well = true;
    for (const pid_t child : children)
        all_well = wait_for(child) && all_well;
    return all_well;
}

bool run(const char* program) {
    const pid_t child = fork();
    if (child == 0) {
        execl(program, program, nullptr);
        _exit(127);
    }
    return wait_for(child);
}

bool open_file(const char* path) {
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    return file >= 0 && write(file, "its own\n", 8) == 8;
}

bool make_threads(int count) {
    for (int i = 0; i < count; ++i)
        std::thread([] { const pmc::Scope scope{region}; }).join();
    return true;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 2 ? argv[1] : "";
    const auto do_it = [&] {
        if (what == "children")
            return make_children(std::atoi(argv[2]));
        if (what == "runs")
            return run(argv[2]);
        if (what == "takes")
            close(STDERR_FILENO);
        if (what == "opens" || what == "takes")
            return open_file(argv[2]);
        if (what == "threads")
            return make_threads(std::atoi(argv[2]));
        return what == "sleeps" && usleep(static_cast<useconds_t>(std::atoi(argv[2])) * 1000) == 0;
    };
    const auto counters = pmc::CounterGroup::open({"task-clock:u", "minor-faults:u"});
    bool is_well = false;
    {
        const pmc::Scope scope{region};
        const pmc::Reading before = counters ? counters->read() : pmc::Reading();
        is_well = do_it();
        const pmc::Reading after = counters ? counters->read() : pmc::Reading();
        const bool is_counted = counters && (after - before)[counters->id("task-clock:u")].has_value();
        std::printf("group: %s\n", is_counted ? "counted" : "not counted");
    }
    const pmc::MeasureOptions few{.events = "minor-faults:u", .budget_s = 0.1, .max_runs = 20};
    const pmc::Measurement measured = pmc::measure(few, [] { return getppid(); });
    std::printf("measure: %s\n", measured.seconds().has_value() ? "counted" : "not counted");
    std::printf("%s\n", is_well ? "well" : "wrong");
    return is_well ? 0 : 1;
}
