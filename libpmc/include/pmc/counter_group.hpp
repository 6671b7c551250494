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

/// How a group is read: by the processor's own instruction, or by one read() for the whole group.
enum class ReadPath : std::uint8_t { user_read, system_call };

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
/// counts the thread that made it, and that thread alone, whichever thread reads it.
class PMC_API CounterGroup {
public:
    /// Up to Reading::capacity names in the event language. Throws Error.
    CounterGroup(std::initializer_list<std::string_view> events);
    explicit CounterGroup(std::span<const std::string_view> events);

    /// The same without exceptions, for code that runs where there may be no PMU.
    static Expected<CounterGroup> open(std::initializer_list<std::string_view> events);
    static Expected<CounterGroup> open(std::span<const std::string_view> events);
    /// Events that were resolved before.
    static Expected<CounterGroup> open(std::vector<Event> events);

    CounterGroup(CounterGroup&&) noexcept;
    CounterGroup& operator=(CounterGroup&&) noexcept;
    ~CounterGroup();

    /// The counters now. A reading of a group that is not on the PMU any more is *not counted*, never 0.
    [[nodiscard]] Reading read() const noexcept;

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

private:
    struct State;
    explicit CounterGroup(std::unique_ptr<State> state) noexcept;
    void require_size(std::size_t size) const;
    std::unique_ptr<State> state_;
};

} // namespace pmc
