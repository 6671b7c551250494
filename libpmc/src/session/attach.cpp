#include "session/attach.hpp"

#include "kernel/file_tree.hpp"
#include "kernel/process.hpp"
#include "machine/reason.hpp"
#include "record/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <string>
#include <string_view>
#include <unistd.h>

namespace pmc {
namespace {

constexpr int most_rounds = 5;
/// A thread that is being made is not listed yet, though its counters were copied from its maker's already, or not.
constexpr timespec clone_time{0, 200'000};

std::string named(std::string_view what, pid_t id) {
    std::string text = std::string(what) + ' ' + std::to_string(id);
    const std::string name = record::printable(kernel::name_of(id)); // it gives itself any name
    return name.empty() ? text : text + " (" + name + ')';
}

std::string list_of(const std::vector<pid_t>& ids, std::string_view between) {
    std::string text;
    for (const pid_t id : ids)
        text.append(text.empty() ? "" : between).append(std::to_string(id));
    return text;
}

/// The number that was last given to a process or thread: whatever has a higher one is younger. 0 if it can't be known.
pid_t last_number() {
    const std::string text = kernel::FileTree().read("/proc/loadavg").value_or("");
    std::string_view all = text;
    all.remove_prefix(std::min(all.rfind(' ') + 1, all.size()));
    pid_t number = 0;
    std::from_chars(all.data(), all.data() + all.size(), number);
    return number;
}

bool has(const std::vector<pid_t>& sorted, pid_t id) {
    return std::ranges::binary_search(sorted, id);
}

class Attacher {
public:
    Attacher(const MetricSet::State& set, const Target& target) : set_(set), target_(target) {}

    Expected<Attached> attach() {
        find_wanted();
        for (int round = 1;; ++round) {
            if (std::optional<Error> error = open_all())
                return std::move(*error);
            if (processes_.empty() && threads_.empty())
                return nothing_left();
            if (threads_since() == 0 && attached_.counters.is_readable())
                break;
            if (round == most_rounds) {
                attached_.notes.emplace_back(
                    "threads or children were made whenever the counters were opened: some may be missing");
                break;
            }
        }
        describe();
        return std::move(attached_);
    }

private:
    void lost(std::string what, const Reason& reason) {
        attached_.notes.push_back(what + ": " + reason.evidence);
        if (!why_) {
            why_ = reason;
            who_ = std::move(what);
        }
    }

    void find_wanted() {
        for (const int pid : target_.pids) {
            // A thread's number stands for its process, as for perf.
            const pid_t process = kernel::process_of(pid).value_or(pid);
            if (std::ranges::find(processes_, process) == processes_.end())
                processes_.push_back(process);
        }
        for (const int tid : target_.tids)
            if (std::ranges::find(threads_, tid) == threads_.end())
                threads_.push_back(tid);
    }

    std::optional<Error> open_all() {
        std::ranges::sort(processes_);
        attached_.counters = CounterSet(set_.events, set_.plan, set_.machine, {set_.mode, target_.inherit, false});
        attached_.rows.clear();
        attached_.owners.clear();
        known_.clear();
        listed_.clear();
        free_row_ = false;
        if (target_.rows == Rows::total)
            attached_.counters.add_row();
        std::vector<pid_t> processes;
        for (const pid_t process : processes_) {
            Expected<bool> opened = open_process(process);
            if (!opened)
                return std::move(opened.error());
            if (*opened)
                processes.push_back(process);
        }
        std::vector<pid_t> threads;
        for (const pid_t tid : threads_) {
            if (std::ranges::find(known_, tid) != known_.end()) {
                threads.push_back(tid);
                continue;
            }
            const Reason reason = open_thread(tid, tid);
            if (reason.cause == Cause::too_many_files)
                return too_many(reason);
            if (reason)
                lost("thread " + std::to_string(tid), reason);
            else
                threads.push_back(tid);
        }
        processes_ = std::move(processes);
        threads_ = std::move(threads);
        std::ranges::sort(listed_);
        last_opened_ = last_number();
        if (target_.rows == Rows::total) {
            for (const int cpu : attached_.counters.unit_cpus())
                attached_.counters.open_units(cpu, 0);
        }
        return std::nullopt;
    }

    /// Whether any thread of it could be opened.
    Expected<bool> open_process(pid_t process) {
        const std::vector<pid_t> threads = kernel::threads_of(process);
        if (threads.empty() || (threads.size() == 1 && kernel::is_zombie(process))) {
            lost("process " + std::to_string(process), threads.empty() ? why_no_threads(process) : gone());
            return false;
        }
        bool any = false;
        listed_.insert(listed_.end(), threads.begin(), threads.end());
        for (const pid_t tid : threads) {
            const Reason reason = open_thread(tid, process);
            if (reason.cause == Cause::too_many_files)
                return too_many(reason, threads.size());
            if (!reason)
                any = true;
            else if (reason.cause != Cause::target_gone && any)
                lost(named("thread", tid), reason);
            else if (reason.cause != Cause::target_gone) {
                lost(named("process", process), reason);
                return false;
            }
        }
        if (!any)
            lost("process " + std::to_string(process),
                 make_reason(Cause::target_gone, "it has ended before it could be counted"));
        return any;
    }

    static Reason gone() { return make_reason(Cause::target_gone, "there is no such process"); }

    Reason why_no_threads(pid_t process) const {
        if (kill(process, 0) != 0 && errno == ESRCH)
            return gone();
        if (Reason unlisted = why_not_listed(set_.machine, "its threads", "/proc/self"))
            return unlisted;
        Reason hidden = make_reason(Cause::not_listed, "it is another user's, and /proc does not show it (hidepid)");
        hidden.remedy = "run as root, or as that user";
        return hidden;
    }

    /// `owner`: its process, or itself if that was asked for.
    Reason open_thread(pid_t tid, pid_t owner) {
        Place place{.pid = tid};
        if (target_.rows == Rows::thread)
            place.row = row_for_thread(tid, owner);
        Reason reason = attached_.counters.open_whole(place);
        if (!reason) {
            known_.push_back(tid);
            if (target_.rows == Rows::thread)
                free_row_ = false;
        }
        return reason;
    }

    /// A row that was made for a thread which could not be opened serves the next.
    std::size_t row_for_thread(pid_t tid, pid_t owner) {
        if (!free_row_) {
            attached_.counters.refuse_units(attached_.counters.add_row());
            attached_.rows.emplace_back();
            attached_.owners.emplace_back();
            free_row_ = true;
        }
        attached_.owners.back() = owner;
        Sample& row = attached_.rows.back();
        row.scope = "thread";
        row.id = std::to_string(tid);
        row.name = kernel::name_of(tid);
        return attached_.counters.rows() - 1;
    }

    Error too_many(const Reason& reason, std::size_t threads = 0) const {
        Reason full = reason;
        if (threads > 1)
            full.evidence += " on each of " + std::to_string(threads) + " threads";
        return Error(Stage::open, "the counters", std::move(full));
    }

    /// Threads of the processes that were not there when their process was opened. Those younger than the last counter
    /// have inherited what is to be inherited.
    std::size_t threads_since() {
        std::size_t born = 0;
        if (!target_.inherit) // then those to come are not wanted
            return born;
        for (const int look : {0, 1}) {
            if (look == 1)
                nanosleep(&clone_time, nullptr);
            for (const pid_t process : processes_)
                for (const pid_t tid : kernel::threads_of(process))
                    born += !has(listed_, tid) && (look == 0 || tid <= last_opened_) ? 1 : 0;
            if (born > 0)
                break;
        }
        return born;
    }

    Error nothing_left() const { return Error(Stage::open, who_, why_).with_tried(attached_.notes); }

    void describe() {
        if (free_row_) {
            attached_.rows.pop_back();
            attached_.owners.pop_back();
        }
        attached_.processes = processes_;
        attached_.threads = threads_;
        const auto text = [](const std::vector<pid_t>& ids, std::string_view one, std::string_view several) {
            return ids.empty()       ? std::string()
                   : ids.size() == 1 ? named(one, ids.front())
                                     : std::string(several) + ' ' + list_of(ids, ", ");
        };
        attached_.text = text(processes_, "process", "processes");
        const std::string threads = text(threads_, "thread", "threads");
        attached_.text += (attached_.text.empty() || threads.empty() ? "" : ", ") + threads;
        if (target_.rows != Rows::total)
            return;
        Sample row;
        std::vector<pid_t> all = processes_;
        all.insert(all.end(), threads_.begin(), threads_.end());
        row.scope = processes_.empty() ? "thread" : "process";
        row.id = list_of(all, ",");
        if (all.size() == 1)
            row.name = kernel::name_of(all.front());
        attached_.rows.assign(1, row);
    }

    const MetricSet::State& set_;
    const Target& target_;
    Attached attached_;
    std::vector<pid_t> processes_, threads_; ///< wanted, and still there
    std::vector<pid_t> known_;               ///< threads that were opened
    std::vector<pid_t> listed_;              ///< threads that the processes had when they were opened, sorted
    pid_t last_opened_ = 0;
    bool free_row_ = false;
    std::string who_; ///< the first that could not be counted, and why
    Reason why_;
};

} // namespace

Attached attach_to_command(const MetricSet::State& set, const Command& command, pid_t pid, bool at_exec) {
    Attached attached{.counters = CounterSet(set.events, set.plan, set.machine, {set.mode, command.inherit, at_exec})};
    const std::size_t row = attached.counters.add_row();
    attached.counters.open({.pid = pid, .row = row});
    for (const int cpu : attached.counters.unit_cpus())
        attached.counters.open_units(cpu, row);
    Sample& sample = attached.rows.emplace_back();
    sample.id = std::to_string(pid);
    return attached;
}

Expected<Attached> attach_to_threads(const MetricSet::State& set, const Target& target) {
    return Attacher(set, target).attach();
}

} // namespace pmc
