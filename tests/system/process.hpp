#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/types.h>
#include <vector>

/// Runs programs and looks at what they did.
namespace process {

struct Outcome {
    int status = -1; ///< as a shell has it: 128+N for a signal
    std::string out, err;
};

struct Setting {
    std::function<void()> in_child = {};           ///< before exec
    std::function<void(pid_t)> while_running = {}; ///< in the parent, once it was started
    bool own_group = false;
};

/// Runs argv with stdin from /dev/null and gives back what came. Killed after 60 s (status 137).
Outcome run(const std::vector<std::string>& argv, const Setting& setting = {});
/// pmcstat with these arguments.
Outcome pmcstat(std::vector<std::string> arguments, const Setting& setting = {});

/// What pmcstat is called by.
std::string pmcstat_path();
/// The path of one of the programs of tests/system.
std::string program(const std::string& name);
/// An empty folder, removed at exit.
std::string scratch();
std::string read_file(const std::string& path);
bool exists(const std::string& path);
/// Whether a process with this pid is there (not a zombie).
bool alive(pid_t pid);
/// Waits up to ten seconds for something to become true.
bool eventually(const std::function<bool()>& condition);

/// Whether this machine has a core PMU: the tests' own look at sysfs, independent of libpmc's.
bool machine_has_pmu();

} // namespace process

using process::Outcome;
using Json = nlohmann::json;

/// The first element of a JSON array whose `key` is `value`; null if there is none.
Json find_by(const Json& array, const char* key, const std::string& value);
bool contains(const std::string& text, const std::string& part);
