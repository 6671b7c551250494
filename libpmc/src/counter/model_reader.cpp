#include "counter/model_reader.hpp"

#include "kernel/callgrind.hpp"
#include "kernel/client_request.hpp"
#include "machine/model.hpp"

#include <algorithm>
#include <optional>
#include <unistd.h>

namespace pmc {
namespace {

/// Bits of an event's config, as events/formats/valgrind.json numbers them.
constexpr std::array<std::string_view, 13> counted{"Ir",   "I1mr", "ILmr", "Dr",  "D1mr", "DLmr", "Dw",
                                                   "D1mw", "DLmw", "Bc",   "Bcm", "Bi",   "Bim"};
constexpr std::uint64_t cycles = std::uint64_t{1} << counted.size();

/// A cycle for each access that L1 serves, 5 by the last level, 35 by memory: 1 for every access, 4 more for those that
/// miss L1, and 30 more again for those that miss the last level too.
constexpr std::uint64_t access = model::l1_cycles;
constexpr std::uint64_t l1_miss = model::last_level_cycles - model::l1_cycles;
constexpr std::uint64_t ll_miss = model::memory_cycles - model::last_level_cycles;
constexpr std::array<std::uint64_t, counted.size()> cycles_each{
    access, l1_miss, ll_miss, access, l1_miss, ll_miss, access, l1_miss, ll_miss, 0, 0, 0, 0};

/// A try may meet other threads that ask at the same moment.
constexpr int patience = 1000;

Error refused(const Event& event, std::string evidence, std::string remedy = {}) {
    return Error{Stage::open, event.name, Reason{Cause::under_valgrind, 0, std::move(evidence), std::move(remedy)}};
}

} // namespace

bool is_modelled(const Event& event) noexcept {
    return event.pmu == "callgrind";
}

std::optional<ModelWeights> weights_of(const Event& event, std::string_view names) noexcept {
    std::uint64_t missing = event.config;
    if ((missing & cycles) != 0)
        missing |= 0x1ff; // all that cycles are made of
    ModelWeights weights{};
    for (std::size_t place = 0; !names.empty() && place < weights.size(); ++place) {
        const std::size_t end = std::min(names.find(' '), names.size());
        const auto* const name = std::ranges::find(counted, names.substr(0, end));
        names.remove_prefix(std::min(end + 1, names.size()));
        if (name == counted.end())
            continue;
        const auto number = static_cast<std::size_t>(name - counted.begin());
        weights[place] =
            (event.config >> number & 1) + ((event.config & cycles) != 0 ? cycles_each[number] : std::uint64_t{0});
        missing &= ~(std::uint64_t{1} << number);
    }
    return (missing & ~cycles) == 0 ? std::optional{weights} : std::nullopt;
}

Expected<ModelReader> ModelReader::open(std::span<const Event> events) {
    const kernel::Callgrind* const callgrind = kernel::callgrind();
    if (callgrind == nullptr)
        return refused(events.front(), "no callgrind of pmcstat's runs this program",
                       "run it by: pmcstat --backend model-regions");
    ModelReader reader;
    reader.log_ = callgrind->log + std::to_string(getpid());
    const Expected<std::string> names = reader.introduce(events.front());
    if (!names)
        return names.error();
    for (std::size_t i = 0; i < events.size(); ++i) {
        const std::optional<ModelWeights> weights = weights_of(events[i], *names);
        if (!weights)
            return refused(events[i], "callgrind does not count it");
        reader.weights_[i] = *weights;
    }
    return reader;
}

Expected<std::string> ModelReader::introduce(const Event& event) {
    const kernel::Uncounted uncounted;
    CallgrindCaller caller;
    for (int i = 0; i < patience && thread_ == 0; ++i) {
        caller = {};
        if (!kernel::read_callgrind_status(log_.c_str(), caller))
            return refused(event, "callgrind's log can't be read: another user, or another root folder",
                           "measure before the program changes them");
        if (!caller.has_answer())
            return refused(event, "callgrind answers into the log of the process that this one was forked from",
                           "measure in the process that was executed, not in its fork");
        thread_ = caller.thread();
    }
    const CallgrindThread status = ask();
    if (thread_ == 0 || !status.has_counts())
        return refused(event, "callgrind's answer to this thread can't be told from those to others");
    dumps_ = status.dumps();
    return std::string(caller.events());
}

CallgrindThread ModelReader::ask() const noexcept {
    CallgrindThread status(thread_);
    // The thread is Uncounted: a second answer says the same. The first is lost if others have asked so often meanwhile
    // that its place in the log was given back.
    for (int i = 0; i < 2 && !status.has_counts(); ++i) {
        status = CallgrindThread(thread_);
        kernel::read_callgrind_status(log_.c_str(), status);
    }
    return status;
}

bool ModelReader::read(std::span<std::uint64_t> counts) const noexcept {
    const kernel::Uncounted uncounted;
    const CallgrindThread status = ask();
    if (!status.has_counts() || status.dumps() != dumps_)
        return false;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counts[i] = 0;
        for (std::size_t place = 0; place < max_callgrind_events; ++place)
            counts[i] += weights_[i][place] * status.counts()[place];
    }
    return true;
}

} // namespace pmc
