#include "counter/model_reader.hpp"

#include "kernel/callgrind.hpp"
#include "kernel/client_request.hpp"
#include "machine/model.hpp"

#include <algorithm>
#include <optional>
#include <unistd.h>

namespace pmc {
namespace {

constexpr std::uint64_t parts_of_cycles() noexcept {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < model::terms.size(); ++i)
        bits |= std::uint64_t{model::terms[i].cycles != 0} << i;
    return bits;
}

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
    const bool has_cycles = (event.config & model::cycles_bit) != 0;
    std::uint64_t missing = (event.config & ~model::cycles_bit) | (has_cycles ? parts_of_cycles() : 0);
    ModelWeights weights{};
    for (std::size_t place = 0; !names.empty() && place < weights.size(); ++place) {
        const std::size_t end = std::min(names.find(' '), names.size());
        const auto* const term = std::ranges::find(model::terms, names.substr(0, end), &model::Term::name);
        names.remove_prefix(std::min(end + 1, names.size()));
        if (term == model::terms.end())
            continue;
        const auto number = static_cast<std::size_t>(term - model::terms.begin());
        weights[place] = (event.config >> number & 1) + (has_cycles ? std::uint64_t{term->cycles} : 0);
        missing &= ~(std::uint64_t{1} << number);
    }
    return missing == 0 ? std::optional{weights} : std::nullopt;
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
