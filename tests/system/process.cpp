#include "process.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace process {
namespace {

constexpr int longest_seconds = 60;

int make_file() {
    std::string path = "/tmp/pmc-system-XXXXXX";
    const int fd = mkostemp(path.data(), O_CLOEXEC);
    unlink(path.c_str());
    return fd;
}

std::string content(int fd) {
    std::string text;
    char buffer[4096];
    lseek(fd, 0, SEEK_SET);
    for (ssize_t size = 0; (size = read(fd, buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(size));
    close(fd);
    return text;
}

int wait_for(pid_t pid) {
    int status = 0;
    for (int i = 0; i < longest_seconds * 200; ++i) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        usleep(5000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return 137;
}

} // namespace

Outcome run(const std::vector<std::string>& argv, const Setting& setting) {
    // Files rather than pipes: nothing blocks, whatever the program leaves running.
    const int out = make_file();
    const int err = make_file();
    const pid_t pid = fork();
    if (pid == 0) {
        if (setting.own_group)
            setpgid(0, 0);
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        if (setting.in_child)
            setting.in_child();
        std::vector<char*> words;
        for (const std::string& word : argv)
            words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        execvp(words[0], words.data());
        _exit(127);
    }
    if (setting.own_group)
        setpgid(pid, pid);
    if (setting.while_running)
        setting.while_running(pid);
    Outcome outcome;
    outcome.status = wait_for(pid);
    outcome.out = content(out);
    outcome.err = content(err);
    return outcome;
}

Outcome pmcstat(std::vector<std::string> arguments, const Setting& setting) {
    arguments.insert(arguments.begin(), pmcstat_path());
    return run(arguments, setting);
}

std::string pmcstat_path() {
    const char* const path = std::getenv("PMC_PMCSTAT");
    return path != nullptr ? path : "pmcstat";
}

std::string program(const std::string& name) {
    if (const char* const folder = std::getenv("PMC_PROGRAMS"))
        return std::string(folder) + '/' + name;
    return name; // On the lab's PATH.
}

std::string scratch() {
    static const struct Folder {
        std::string path = "/tmp/pmc-system-XXXXXX";
        Folder() {
            if (mkdtemp(path.data()) == nullptr)
                throw std::runtime_error("no folder for scratch files");
            chmod(path.c_str(), 01777);
        }
        Folder(const Folder&) = delete;
        Folder& operator=(const Folder&) = delete;
        ~Folder() { [[maybe_unused]] const int status = std::system(("rm -rf " + path).c_str()); }
    } folder;
    return folder.path;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool exists(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

bool alive(pid_t pid) {
    const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t name_end = stat.rfind(") ");
    return name_end != std::string::npos && stat[name_end + 2] != 'Z' && stat[name_end + 2] != 'X';
}

bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition())
            return true;
        usleep(10'000);
    }
    return false;
}

bool machine_has_pmu() {
    for (const char* const name : {"cpu", "cpu_core", "armv8_pmuv3", "armv8_pmuv3_0"})
        if (exists(std::string("/sys/bus/event_source/devices/") + name))
            return true;
    return false;
}

} // namespace process

Json find_by(const Json& array, const char* key, const std::string& value) {
    for (const Json& one : array)
        if (one.value(key, "") == value)
            return one;
    return nullptr;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}
