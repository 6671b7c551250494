#include "region_child.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace region_child {

Counting::Counting() {
    kernel.on_read([](std::vector<std::uint64_t>& words) {
        for (std::size_t i = 3; i < words.size(); ++i)
            words[i] = 1'000'000 + counter;
        words[1] = words[2] = 5000 + counter;
        return 0;
    });
}

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

std::string lines(const pmc::Result& result) {
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

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Folder::Folder() {
    REQUIRE(mkdtemp(path) != nullptr);
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

} // namespace region_child
