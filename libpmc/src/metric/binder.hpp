#pragma once

#include "event/event_list.hpp"
#include "table/formula.hpp"
#include "table/tables_state.hpp"

#include <pmc/event.hpp>
#include <pmc/expected.hpp>
#include <pmc/machine.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// A name, and the event that it was bound to, tried out. `event.unavailable` says why it can't be counted here.
struct Candidate {
    std::string name;
    Event event;
    const RoleEvent* role = nullptr; ///< null for an event that was named directly

    [[nodiscard]] const Reason& unavailable() const noexcept { return event.unavailable; }
};

class Recording;

/// Binds names to events of one core type of a machine, and finds out whether they can be counted there. It asks no
/// more of the machine than a name needs: software events are bound without a look at its CPU, and never probed. With
/// a recording, names are bound to what was counted then, and no kernel is asked.
class Binder {
public:
    /// On the machine's main core type. `tries`: false only says what the tables and the PMUs have, wherever it counts:
    /// for a CPU that is not here.
    Binder(const Machine& machine, const Tables& tables, bool tries = true);
    /// A recording is asked in the place of a kernel; null is as without.
    /// Events without a modifier count no more than `most`.
    Binder(const Machine& machine, const Tables& tables, const Recording* recording, Mode most = Mode::user_kernel);
    /// The same on another core type of the machine.
    [[nodiscard]] Binder on(const CoreType& core) const;

    /// A role of the tables. `mode` and `suffix` (":u") come from the metric that needs it.
    Candidate role(std::string_view role, std::optional<Mode> mode, std::string_view suffix);
    /// An event as the user named it; one that names no PMU is of the core type. Errors: unknown_name, syntax.
    Expected<Candidate> event(const NameItem& item);
    /// A constant of the core type's table, or `width`; nothing if the table does not know it.
    std::optional<double> number(std::string_view name);
    /// Why formulas can't have the time that passed; empty where they can.
    [[nodiscard]] Reason why_no_time() const;
    /// Whether these events can be on their PMU's counters all at once.
    bool fits(const std::vector<Event>& events);
    /// Why a metric can't have these events counted together; empty where they fit.
    Reason why_apart(const std::vector<Event>& events);
    /// Whether what is meant for cores with (or without) second threads applies: of a recording it may not be known.
    [[nodiscard]] bool can_be_smt(bool on) const;

    /// What events without a modifier count.
    [[nodiscard]] Mode mode() const noexcept { return mode_; }
    [[nodiscard]] const Machine& machine() const noexcept { return machine_; }
    [[nodiscard]] const Tables::State& tables() const noexcept { return tables_.state(); }
    /// The id of the table that roles come from; empty as long as none was needed.
    [[nodiscard]] std::string_view table_id() const noexcept;
    [[nodiscard]] const CoreType& core();
    /// What the core type's table does not have.
    [[nodiscard]] Reason not_in_table();

private:
    void settle(Candidate& candidate, std::string name, std::optional<Mode> mode);
    /// An event of the core that was named directly (raw, by libpfm4) is on the counters of the table's equal one.
    void limit_as_in_table(Event& event);
    Reason why_not(const Event& event);
    Reason why_not_modelled(const Event& event);
    bool needs_slots(const Event& event);
    const Reason& why_no_core_event();
    const CpuTable& table();
    CounterBudget budget(std::string_view pmu);

    const Machine machine_;
    const Tables tables_;
    bool tries_;
    const Recording* recording_;
    Mode mode_;
    Reason denied_;
    std::optional<Reason> why_no_core_event_;
    const CoreType* core_ = nullptr; ///< null: not looked at yet
    const CpuTable* table_ = nullptr;
};

} // namespace pmc
