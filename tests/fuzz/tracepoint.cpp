#include "target.hpp"

#include "event/resolver.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

/// A tracepoint's name in the first line, and after it what tracefs says of `sched:sched_switch`.
namespace fuzz {
namespace {

using namespace pmc;

/// A folder for as long as the program runs.
class Tracefs {
public:
    Tracefs() {
        std::string name = (std::filesystem::temp_directory_path() / "pmc-fuzz-XXXXXX").string();
        expect(mkdtemp(name.data()) != nullptr, "there is room for a folder");
        root_ = name;
        std::filesystem::create_directories(folder());
    }
    Tracefs(const Tracefs&) = delete;
    Tracefs& operator=(const Tracefs&) = delete;
    ~Tracefs() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    void write_id(std::string_view content) const { std::ofstream(folder() / "id", std::ios::binary) << content; }
    [[nodiscard]] Machine machine() const { return Machine::from_tree(root_.string()); }

private:
    [[nodiscard]] std::filesystem::path folder() const {
        return root_ / "sys/kernel/tracing/events/sched/sched_switch";
    }
    std::filesystem::path root_;
};

} // namespace

void take(std::string_view text) {
    static const Tracefs tracefs;
    static const Machine machine = tracefs.machine();
    const std::string_view name = first_line(text);
    tracefs.write_id(text);
    (void)resolve_tracepoint(name, machine);
    const Resolved known = resolve_tracepoint("sched:sched_switch", machine);
    expect(known && *known, "a tracepoint whose folder is there is one");
    expect((**known).unavailable || !text.empty(), "without an id there is nothing to count");
}

} // namespace fuzz
