// A program that counts an event by each face of the library, and says in a line each what it got: library_work EVENT
// [full]. With "full" no file can be opened any more at first, and again in the end.
#include "loop.hpp"

#include <pmc/pmc.hpp>
#include <pmc/result.hpp>

#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::uint64_t rounds = 20'000;
constinit pmc::Region work{"work"};

void say(const char* face, const std::string& how) {
    std::printf("%s: counted%s\n", face, how.c_str());
}

void say(const char* face, const pmc::Reason& reason) {
    std::printf("%s: none, %s; %s\n", face, reason.evidence.c_str(), reason.remedy.c_str());
}

void by_group(const std::string& event) {
    const pmc::Expected<pmc::CounterGroup> group = pmc::CounterGroup::open({event});
    if (!group)
        return say("group", group.error().reason());
    const pmc::Reading before = group->read();
    loop(rounds);
    const pmc::Reading spent = group->read() - before;
    const bool by_instruction = group->read_path() == pmc::ReadPath::user_read;
    if (spent[group->id(event)].has_value())
        say("group", by_instruction ? " by instruction" : " by system call");
}

/// On a thread of its own: its counters end with it.
void by_region(const std::string& event) {
    pmc::enable(event);
    std::thread([] {
        const pmc::Scope scope{work};
        loop(rounds);
    }).join();
    pmc::disable();
    for (const pmc::Sample& sample : pmc::report().samples) {
        if (sample.scope != "region" || sample.events.empty())
            continue;
        const pmc::EventCount& count = sample.events.front();
        count.has_value() ? say("region", std::string()) : say("region", count.reason);
    }
}

void by_measure(const std::string& event) {
    const pmc::Measurement measured = pmc::measure(event, [] { loop(rounds); });
    const pmc::MeasuredValue& value = measured[event];
    value.has_value() ? say("measure", std::string()) : say("measure", value.reason);
    if (!measured.seconds().has_value())
        say("time", measured.seconds().reason);
}

/// Not by /proc, which may be missing.
int open_files() {
    int count = 0;
    for (int fd = 0; fd < 1024; ++fd)
        count += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return count;
}

class FullTable {
public:
    explicit FullTable(bool full) {
        for (int fd = 0; full && (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
            files_.push_back(fd);
    }
    FullTable(const FullTable&) = delete;
    FullTable& operator=(const FullTable&) = delete;
    ~FullTable() {
        for (const int fd : files_)
            close(fd);
    }

private:
    std::vector<int> files_;
};

} // namespace

int main(int argc, char** argv) {
    const std::string event = argc > 1 ? argv[1] : "task-clock";
    const bool full = argc > 2 && std::string_view(argv[2]) == "full";
    const int before = open_files();
    for (const bool is_full : {full, false}) {
        const FullTable table(is_full);
        by_group(event);
        by_region(event);
        by_measure(event);
        if (!full)
            break;
    }
    std::printf("files left: %d\n", open_files() - before);
    return 0;
}
