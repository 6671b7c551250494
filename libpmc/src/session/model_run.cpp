#include "session/model_run.hpp"

#include "machine/model.hpp"
#include "machine/reason.hpp"
#include "session/cachegrind_file.hpp"
#include "session/callgrind_file.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <string_view>

namespace pmc {
namespace {

constexpr std::string_view callgrind = "callgrind";

/// The terms of a model's event: those of its PMU's formats whose bit is set.
std::vector<std::string_view> terms_of(const Event& event, const Machine& machine) {
    std::vector<std::string_view> terms;
    const Pmu* pmu = machine.pmu(event.pmu);
    if (pmu == nullptr)
        return terms;
    for (const auto& [name, format] : pmu->formats) {
        std::string problem;
        const std::optional<Pmu::Encoded> term = pmu->encode(name, problem);
        if (term && (event.config & term->config) != 0)
            terms.push_back(name);
    }
    return terms;
}

using Sum = std::optional<std::uint64_t>;

Sum plus(Sum sum, Sum more) {
    std::uint64_t result = 0;
    if (!sum || !more || __builtin_add_overflow(*sum, *more, &result))
        return std::nullopt;
    return result;
}

Sum times(Sum sum, std::uint64_t factor) {
    std::uint64_t result = 0;
    if (!sum || __builtin_mul_overflow(*sum, factor, &result))
        return std::nullopt;
    return result;
}

Sum total_of(const ValgrindTotals& totals, std::string_view name) {
    const auto found = totals.find(name);
    return found == totals.end() ? Sum() : Sum(found->second);
}

Sum estimated_cycles(const ValgrindTotals& totals) {
    Sum cycles = 0;
    Sum before;
    for (const unsigned each : {model::access_cycles, model::l1_miss_cycles, model::last_level_miss_cycles}) {
        Sum number = 0;
        for (const model::Term& term : model::terms)
            if (term.cycles == each)
                number = plus(number, total_of(totals, term.name));
        if (!number || (before && *number > *before)) // no more misses than accesses
            return std::nullopt;
        before = number;
        cycles = plus(cycles, times(number, each));
    }
    return cycles;
}

bool is_of_caches(std::string_view term) {
    return term != "Ir" && !term.starts_with("B");
}

std::string yes_or_no(std::string_view option, bool yes) {
    return std::string("--").append(option).append(yes ? "=yes" : "=no");
}

std::string processes_text(const std::vector<pid_t>& pids) {
    std::string text = pids.size() == 1 ? "process " : std::to_string(pids.size()) + " processes: ";
    constexpr std::size_t most = 4;
    for (std::size_t i = 0; i < std::min(pids.size(), most); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(pids[i]);
    return pids.size() > most ? text + ", …" : text;
}

} // namespace

std::optional<std::uint64_t> modelled_count(const Event& event, const Machine& machine, const ValgrindTotals& totals) {
    const std::vector<std::string_view> terms = terms_of(event, machine);
    Sum sum = terms.empty() ? Sum() : Sum(0);
    for (const std::string_view term : terms)
        sum = plus(sum, term == model::cycles ? estimated_cycles(totals) : total_of(totals, term));
    return sum;
}

bool is_trifle(std::uint64_t forked, std::uint64_t counted) noexcept {
    constexpr std::uint64_t part = 1000; // a fifth of what gates let pass
    return forked <= counted / part;
}

Expected<ModelRun> ModelRun::prepare(const MetricSet::State& set, const Command& command) {
    if (!command.inherit)
        return Error(ErrorKind::misuse, Stage::open,
                     "a model counts all that a command makes, not its first thread alone");
    bool caches = false;
    bool branches = false;
    for (const Event& event : set.events) {
        for (const std::string_view term : terms_of(event, set.machine)) {
            caches = caches || is_of_caches(term);
            branches = branches || term.starts_with("B");
        }
    }
    const std::string& tool = set.machine.core_types().front().pmu;
    const bool is_callgrind = tool == callgrind;
    // What a program counts of itself by measure() nobody knows beforehand.
    std::vector<std::string> options{yes_or_no("cache-sim", caches || is_callgrind),
                                     yes_or_no("branch-sim", branches || is_callgrind)};
    if (is_callgrind)
        options.emplace_back("--combine-dumps=yes"); // of programs that ask for dumps themselves
    Expected<ValgrindRun> run =
        ValgrindRun::prepare(command, tool, std::move(options), is_callgrind ? set.machine.model() : std::string());
    if (!run)
        return run.error();
    std::string asked;
    for (const std::string& word : command.argv)
        asked += (asked.empty() ? "" : " ") + word;
    return ModelRun(*std::move(run), is_callgrind ? parse_callgrind_file : parse_cachegrind_file, std::move(asked));
}

void ModelRun::collect(pid_t pid, int status, std::vector<std::string>& notes) {
    const auto none = [&](std::string why, std::string remedy) {
        totals_.clear();
        forked_.clear();
        why_none_ = {Cause::part_missing, 0, std::move(why), std::move(remedy)};
    };
    const std::string of_command = run_.counts_of(pid);
    if (of_command.empty())
        return status == 128 + SIGKILL ? none("the command was killed before valgrind could write its counts",
                                              "let it end by itself, or by a signal other than SIGKILL")
                                       : none("valgrind has left no counts of the command",
                                              "see that there is room where it writes them: in TMPDIR, or /tmp");
    std::string unknown_to;
    bool died_of_it = false;
    std::vector<pid_t> silent;
    std::vector<pid_t> forks;
    for (const ValgrindRun::Process& process : run_.processes()) {
        if (!process.unknown_to.empty())
            unknown_to = process.unknown_to;
        died_of_it = died_of_it || process.died_of_it;
        if (!process.has_counts) {
            if (process.pid != pid)
                silent.push_back(process.pid);
            continue;
        }
        if (process.pid != pid && process.is_only_a_fork)
            forks.push_back(process.pid);
        const Expected<ValgrindTotals> totals = parse_(run_.counts_of(process.pid));
        if (!totals && process.pid != pid) {
            silent.push_back(process.pid); // it is just writing them, or its disk is full
            continue;
        }
        if (!totals)
            return none(totals.error().message(), "is the disk full, or is there a limit of a file's size?");
        const bool is_fork = process.pid != pid && process.is_only_a_fork;
        if (!add_totals(is_fork ? forked_ : totals_, *totals))
            return none("the counts are too large to be added up", {});
    }
    const std::string_view ended_as = command_in(of_command);
    if (!ended_as.empty() && ended_as != asked_.substr(0, asked_.find('\n')))
        notes.emplace_back("not in the counts: what the command did before it executed another program in its place");
    if (!forks.empty())
        notes.push_back("not in the counts: what " + processes_text(forks) +
                        " did after a fork without an exec, which valgrind can't tell from what the parent did before");
    if (died_of_it)
        return none("valgrind " + unknown_to + " does not know an instruction of this program, which ended by it",
                    "build it without -march=native for the model, or install a newer valgrind");
    if (!unknown_to.empty())
        notes.push_back("valgrind " + unknown_to +
                        " does not know an instruction of this program, which went another way after the SIGILL");
    if (!silent.empty())
        none("nobody knows what was done by " + processes_text(silent) + " (killed, or still running)",
             "let what the command starts end before it does, and not by SIGKILL");
}

Counts ModelRun::counts(const MetricSet::State& set, double seconds) const {
    Counts counts;
    const auto time_ns = static_cast<std::uint64_t>(std::max(seconds, 1e-9) * 1e9);
    for (std::size_t group = 0; group < set.plan.groups.size(); ++group) {
        for (const std::size_t event : set.plan.groups[group].events) {
            GroupCount count{event, static_cast<int>(group), Count(0, 0, 0, State::not_counted), why_none_};
            const auto number = modelled_count(set.events[event], set.machine, totals_);
            const auto forked = modelled_count(set.events[event], set.machine, forked_);
            if (number && !is_trifle(forked.value_or(0), *number))
                count.reason = {Cause::part_missing, 0, "too much of it was done by forks without an exec",
                                "count the programs that they are made for, each by itself"};
            else if (number)
                count.count = Count(*number, time_ns, time_ns);
            counts.push_back(std::move(count));
        }
    }
    return counts;
}

} // namespace pmc
