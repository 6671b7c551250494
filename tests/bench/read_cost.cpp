// What does it cost to measure a region? Instructions, user and kernel, per begin and end on the lab's machine, which
// counts them exactly: tests/bench/read_cost. One table, of programs that each measure one thing with 2, 4 or 6
// counters: a process counts one list of events for its life.
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <vector>

namespace {

constexpr std::array sizes = {2, 4, 6};

struct Row {
    std::string what;
    std::array<std::string, sizes.size()> costs;
};

constexpr std::array<std::string_view, 5> programs = {"group_cost", "scope_cost", "scope_cost_shared",
                                                      "PMC_READ=syscall scope_cost", "papi_cost"};

/// In this order, whoever prints them; what is not here comes last.
constexpr std::array<std::string_view, 16> order = {"hand-written user read",
                                                    "CounterGroup",
                                                    "Scope",
                                                    "Scope, 64 regions in turn",
                                                    "Scope, on the 100th thread",
                                                    "Scope, shared library",
                                                    "Scope, 64 regions in turn, shared library",
                                                    "Scope, on the 100th thread, shared library",
                                                    "Scope, dormant",
                                                    "Scope, dormant, shared library",
                                                    "hand-written user read, inlined",
                                                    "hand-written read()",
                                                    "CounterGroup, system call",
                                                    "Scope, system call",
                                                    "PAPI_read twice",
                                                    "PAPI_start, PAPI_stop"};

class Table {
public:
    Table() {
        for (const std::string_view what : order)
            rows_.push_back({std::string(what), {}});
    }

    /// "what<tab>cost".
    void add(std::string_view line, std::size_t column) {
        const std::size_t tab = line.find('\t');
        if (tab == std::string_view::npos)
            return;
        for (Row& row : rows_) {
            if (row.what == line.substr(0, tab))
                row.costs[column] = line.substr(tab + 1, line.find('\n') - tab - 1);
        }
    }

    void print() const {
        std::puts(
            "Instructions, user and kernel, for the begin and the end of a region; the empty loop's are subtracted.");
        std::printf("%-44s%12s%12s%12s\n", "", "2 counters", "4 counters", "6 counters");
        for (const Row& row : rows_) {
            std::printf("%-44s", row.what.c_str());
            for (const std::string& cost : row.costs)
                std::printf("%12s", cost.empty() ? "-" : cost.c_str());
            std::puts("");
        }
    }

private:
    std::vector<Row> rows_;
};

/// False: it failed, and said why.
bool add_costs(Table& table, std::string_view program, std::size_t column) {
    const std::string command = std::string(program) + ' ' + std::to_string(sizes[column]);
    std::FILE* const out = popen(command.c_str(), "re");
    if (out == nullptr)
        return false;
    std::array<char, 200> line;
    while (std::fgets(line.data(), line.size(), out) != nullptr)
        table.add(line.data(), column);
    const int status = pclose(out);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    std::fprintf(stderr, "failed: %s\n", command.c_str());
    return false;
}

} // namespace

int main() {
    Table table;
    bool complete = true;
    for (std::size_t column = 0; column < sizes.size(); ++column) {
        for (const std::string_view program : programs)
            complete = add_costs(table, program, column) && complete;
    }
    table.print();
    return complete ? 0 : 1;
}
