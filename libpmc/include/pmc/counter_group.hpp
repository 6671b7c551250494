#pragma once

#include <pmc/event.hpp>
#include <pmc/expected.hpp>
#include <pmc/reading.hpp>

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// How a group is read: by the processor's own instruction, or by one read() for the whole group; or it is a model's,
/// in a program that pmcstat runs under callgrind, which is asked.
enum class ReadPath : std::uint8_t { user_read, system_call, model };

/// How a group may be read. `automatic`: by the processor's own instruction where that is possible. `system_call`:
/// never so, for a program that may lose the right to it while it runs: then the instruction ends it by a signal. The
/// variable PMC_READ=syscall says the same for a whole program, unless it is a set-user-ID one.
enum class ReadPolicy : std::uint8_t { automatic, system_call };

/// One kernel counter group on the calling thread, user mode unless a modifier says otherwise. Its counters run from
/// construction to destruction; a measurement is the difference of two readings.
///
///     pmc::CounterGroup counters{"cycles", "instructions"};    // throws pmc::Error with a hint
///     const auto [cycles, instructions] = counters.ids<2>();
///     const pmc::Reading before = counters.read();
///     work();
///     const pmc::Reading spent = counters.read() - before;
///     double ipc = spent[instructions].value() / spent[cycles].value();
///
/// The events must be of one PMU; software events may join. All are counted together or the group does not open. It
/// counts the thread that made it, and that thread alone, whichever thread reads it. In a fork's child it is *not
/// counted*: open a new one there. Under pmcstat's callgrind (ReadPath::model) only that thread can read it, and a
/// fork's child none.
class PMC_API CounterGroup {
public:
    /// Up to Reading::capacity names in the event language. Throws Error.
    CounterGroup(std::initializer_list<std::string_view> events, ReadPolicy policy = ReadPolicy::automatic);
    explicit CounterGroup(std::span<const std::string_view> events, ReadPolicy policy = ReadPolicy::automatic);

    /// The same without exceptions, for code that runs where there may be no PMU.
    static Expected<CounterGroup> open(std::initializer_list<std::string_view> events,
                                       ReadPolicy policy = ReadPolicy::automatic);
    static Expected<CounterGroup> open(std::span<const std::string_view> events,
                                       ReadPolicy policy = ReadPolicy::automatic);
    /// Events that were resolved before.
    static Expected<CounterGroup> open(std::vector<Event> events, ReadPolicy policy = ReadPolicy::automatic);

    CounterGroup(CounterGroup&&) noexcept;
    CounterGroup& operator=(CounterGroup&&) noexcept;
    ~CounterGroup();

    /// The counters now. A reading of a group that is not on the PMU any more is *not counted*, never 0. Takes no lock,
    /// allocates nothing, and makes no system call while read_path() is user_read, the caller is the thread that made
    /// the group, and no other group has its counters at this moment.
    [[nodiscard]] Reading read() const noexcept { return reader_->read(*reader_); }

    /// Number of counters.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] const std::vector<Event>& events() const noexcept;
    /// Ids in the order of the events: `const auto [cycles, instructions] = counters.ids<2>();` Throws if N is not
    /// size().
    template <std::size_t N>
    [[nodiscard]] std::array<CounterId, N> ids() const {
        require_size(N);
        std::array<CounterId, N> ids;
        for (std::size_t i = 0; i < N; ++i)
            ids[i].index = static_cast<std::uint32_t>(i);
        return ids;
    }
    /// The id of an event by the name it was asked for. Throws Error if there is none.
    [[nodiscard]] CounterId id(std::string_view event) const;

    /// How read() reads.
    [[nodiscard]] ReadPath read_path() const noexcept;
    /// Why it does not read by the processor's own instruction; empty if it does.
    [[nodiscard]] const Reason& read_path_reason() const noexcept;

private:
    friend struct CounterGroupAccess; // the regions' way to the pages
    struct State;
    /// The first part of State: how this group is read was settled when it was opened.
    struct Reader {
        Reading (*read)(const Reader&) noexcept;
    };
    explicit CounterGroup(std::unique_ptr<State> state) noexcept;
    static Expected<CounterGroup> open(std::vector<Event> events, ReadPolicy policy, bool for_regions);
    void require_size(std::size_t size) const;
    /// Null for a group that was moved from.
    [[nodiscard]] State* state() const noexcept;
    static const Reader moved_from;

    const Reader* reader_; ///< owned, unless it is moved_from
};

} // namespace pmc
