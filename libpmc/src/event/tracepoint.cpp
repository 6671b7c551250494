#include "event/resolver.hpp"

#include "kernel/file_tree.hpp"
#include "machine/denial.hpp"

#include <algorithm>
#include <array>
#include <linux/perf_event.h>

namespace pmc {

namespace {

using kernel::FileTree;

constexpr std::array<std::string_view, 2> event_folders{"/sys/kernel/tracing/events",
                                                        "/sys/kernel/debug/tracing/events"};

constexpr bool is_word(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// No subsystem of the kernel is written in capitals, as the event names of CPU vendors are ("INST_RETIRED:ANY").
constexpr bool looks_like_subsystem(std::string_view text) noexcept {
    return std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Event tracepoint(std::string_view name) {
    Event event;
    event.name = name;
    event.type = PERF_TYPE_TRACEPOINT;
    event.pmu = "tracepoint";
    event.source = EventSource::tracepoint;
    event.description = "Times that this tracepoint of the kernel was passed";
    return event;
}

Event unreadable(std::string_view name, const Machine& machine) {
    Event event = tracepoint(name);
    event.encoding = "tracepoint/" + std::string(name) + "/";
    event.unavailable = no_tracefs(machine);
    return event;
}

/// The folder of all tracepoints: empty if neither can be read.
std::string_view readable_folder(const FileTree& tree) {
    const auto found =
        std::ranges::find_if(event_folders, [&](std::string_view folder) { return !tree.list(folder).empty(); });
    return found == event_folders.end() ? std::string_view{} : *found;
}

} // namespace

Resolved resolve_tracepoint(std::string_view name, const Machine& machine) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    const std::string_view subsystem = name.substr(0, colon);
    const std::string_view event_name = name.substr(colon + 1);
    if (!is_word(subsystem) || !is_word(event_name))
        return std::nullopt;

    const FileTree tree(machine.root());
    const auto path_of = [&](std::string_view folder) {
        return std::string(folder).append("/").append(subsystem).append("/").append(event_name);
    };
    for (const std::string_view folder : event_folders) {
        const std::optional<long long> id = tree.read_number(path_of(folder) + "/id");
        if (!id || *id < 0)
            continue;
        Event event = tracepoint(name);
        event.config = static_cast<std::uint64_t>(*id);
        event.encoding = config_encoding("tracepoint", event.config);
        return event;
    }
    const std::string_view folder = readable_folder(tree);
    if (folder.empty() ? looks_like_subsystem(subsystem) : tree.exists(path_of(folder)))
        return unreadable(name, machine);
    return std::nullopt;
}

std::vector<std::string> tracepoint_names(const Machine& machine) {
    const FileTree tree(machine.root());
    const std::string folder(readable_folder(tree));
    if (folder.empty())
        return {};
    std::vector<std::string> names;
    for (const std::string& subsystem : tree.list(folder)) {
        if (subsystem == "ftrace") // the records of the function tracer: no tracepoints
            continue;
        for (const std::string& event : tree.list(std::string(folder).append("/").append(subsystem))) {
            if (event != "enable" && event != "filter")
                names.push_back(std::string(subsystem).append(":").append(event));
        }
    }
    return names;
}

Reason why_no_tracepoints(const Machine& machine) {
    return readable_folder(FileTree(machine.root())).empty() ? no_tracefs(machine) : Reason{};
}

} // namespace pmc
