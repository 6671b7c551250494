#pragma once

#include "counter/open_group.hpp"
#include "counter/planner.hpp"

#include <pmc/count.hpp>
#include <pmc/event.hpp>
#include <pmc/machine.hpp>

#include <cstddef>
#include <cstdint>
#include <sys/types.h>
#include <vector>

/// A plan opened over a target: a command that has not yet exec'd, threads, CPUs, cgroups.
namespace pmc {

/// One event of one group, read.
struct GroupCount {
    std::size_t event; ///< index into the event list
    int group;         ///< index into the plan's groups
    Count count;
    Reason reason; ///< why it was not counted
};
using Counts = std::vector<GroupCount>;

/// Copies of a plan at many places, summed in rows: everything, or each thread, CPU, cgroup by itself. A group that
/// does not open leaves its Reason; the others are not touched. An event that opened at a part of a row's places only
/// has no count there: it would be a part of the truth.
///
/// One read() per open group; reading and subtracting allocate nothing.
class CounterSet {
public:
    /// Nothing is counted.
    CounterSet() = default;
    /// Opens nothing yet.
    CounterSet(std::vector<Event> events, Plan plan, const Machine& machine, const OpenSettings& settings);
    CounterSet(CounterSet&&) noexcept = default;
    CounterSet& operator=(CounterSet&&) noexcept = default;
    ~CounterSet();

    /// One more row of sums; its number.
    std::size_t add_row();
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

    /// Opens every group there, stopped (a command's wait for its exec), and keeps what opened. The first Reason why
    /// something did not.
    Reason open(const Place& place);
    /// The same, but where the place itself can't be counted (the thread is gone, or somebody else's; the CPU is
    /// offline; there are too many files) nothing is kept, and that Reason is returned.
    Reason open_whole(const Place& place);
    /// The same for a place that was open before: all that was is open again, or nothing.
    Reason open_again(const Place& place);
    /// Opens the events that count in one place (a socket, a memory controller) on a CPU of that place: all units of
    /// their PMU. Nothing happens for events that don't.
    void open_units(int cpu, std::size_t row);
    /// The CPUs on which such events want to be opened.
    [[nodiscard]] std::vector<int> unit_cpus() const;
    /// Such events have no count in this row: it is a part of what they count for.
    void refuse_units(std::size_t row);

    void enable() noexcept;
    void enable_units() noexcept; ///< only those of open_units()
    void disable() noexcept;

    /// Closes what is open on a CPU; what it has counted since the last read() is lost.
    void drop(int cpu) noexcept;
    /// Whether every group can be read. One can't as long as a child lives that was forked while it was opened, and has
    /// inherited a part of it (ECHILD).
    [[nodiscard]] bool is_readable() noexcept;

    /// Reads every group (before any is closed: closing a leader lets its siblings count alone).
    void read() noexcept;
    /// What the next deltas are counted from: the last read().
    void mark() noexcept;

    enum class Since {
        start,
        mark,
        /// The same for a stretch in which the counters were on for some time: what a target did in that time that was
        /// never on a CPU meanwhile is 0, and known.
        mark_enabled
    };
    /// The counts of a row as of the last read().
    void counts(std::size_t row, Since since, Counts& counts) const;
    /// read(), and the first row's.
    [[nodiscard]] Counts read_all();

    /// Takes out the groups of CPUs that are not among those online, or went and came back (their time stands still,
    /// though the counters are on); what they have counted stays. Call it after read(). Those CPUs, which are to be
    /// opened again when they are online.
    std::vector<int> retire(const std::vector<int>& online, bool on);

private:
    struct Sum {
        std::uint64_t raw = 0, enabled_ns = 0, running_ns = 0;
    };
    /// In how many places of a row an event is open, and in how many it was refused.
    struct Standing {
        std::uint32_t opened = 0, refused = 0;
    };
    /// How the read of a group in a row failed; none if error is 0 and neither is set.
    struct Unread {
        int error = 0;
        bool ended = false, lost = false;
        [[nodiscard]] bool any() const noexcept { return error != 0 || ended || lost; }
        /// Of a read that did not bring all.
        static Unread of(const GroupRead& read) noexcept {
            return {read.error, read.ended, !read.ended && read.error == 0};
        }
    };

    /// Not a command that is yet to exec, and makes nothing.
    [[nodiscard]] bool is_running_thread(const Place& place) const noexcept {
        return place.cpu < 0 && !settings_.enable_on_exec;
    }
    enum class Keep { all, place, everything_or_nothing };
    Reason open_at(const Place& place, Keep keep);
    [[nodiscard]] const Event& leader_of(std::size_t group) const {
        return events_[plan_.groups[group].events.front()];
    }
    /// Each on its own CPU, if that pays.
    template <typename Visitor>
    void for_each_group(const Visitor& visitor) noexcept;
    [[nodiscard]] bool is_of_units(std::size_t group) const noexcept;
    [[nodiscard]] std::size_t slot(std::size_t group, std::size_t member) const noexcept {
        return first_slots_[group] + member;
    }
    void add(OpenGroup& group);
    void refuse(std::size_t row, std::size_t slot, Reason reason);
    Unread read_into(std::vector<Sum>& sums, OpenGroup& group) noexcept;
    void add_to(std::vector<Sum>& sums, const OpenGroup& group, std::size_t member, std::uint64_t raw,
                const GroupRead& read) noexcept;
    /// Where the reads of its row and planned group are kept.
    [[nodiscard]] std::size_t read_of(const OpenGroup& group) const noexcept {
        return group.place.row * plan_.groups.size() + group.planned;
    }
    [[nodiscard]] const Unread& unread(std::size_t row, std::size_t group, Since since) const noexcept;
    /// Adds it to what is retired.
    void retire(OpenGroup& group) noexcept;
    [[nodiscard]] Reason why_none(std::size_t row, std::size_t group, std::size_t slot, const Count& count,
                                  Since since) const;

    std::vector<Event> events_;
    Plan plan_;
    Machine machine_ = Machine::host();
    OpenSettings settings_;
    std::vector<OpenGroup> groups_;
    std::vector<std::size_t> first_slots_; ///< by planned group
    std::size_t slots_ = 0;                ///< in a row
    std::size_t rows_ = 0;
    std::vector<Sum> now_, marked_, retired_; ///< by row and slot
    std::vector<Standing> standings_;         ///< likewise
    /// By row and planned group: of the last read(), of the mark, and of what is retired, which stays so.
    std::vector<Unread> unread_, marked_unread_, retired_unread_;
    std::vector<Reason> refusals_; ///< by slot: the first
    bool has_cgroups_ = false;
    std::uint64_t now_ns_ = 0;         ///< of the last read(), with cgroups
    std::vector<std::uint64_t> words_; ///< room for one group's read
};

} // namespace pmc
