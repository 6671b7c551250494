#include "target.hpp"

#include "counter/callgrind_status.hpp"
#include "counter/model_reader.hpp"

#include <pmc/event.hpp>

/// What callgrind says of its status, in one piece and in small ones.
namespace fuzz {
namespace {

using namespace pmc;

template <class Reader>
Reader read(Reader reader, std::string_view text, std::size_t piece) {
    while (!text.empty() && reader.take(text.substr(0, piece)))
        text.remove_prefix(std::min(piece, text.size()));
    return reader;
}

} // namespace

void take(std::string_view text) {
    const CallgrindThread whole = read(CallgrindThread(1), text, text.size());
    const CallgrindThread pieces = read(CallgrindThread(1), text, 3);
    expect(whole.has_counts() == pieces.has_counts() && whole.counts() == pieces.counts() &&
               whole.dumps() == pieces.dumps(),
           "a thread's counts are the same, however the text is cut");
    const CallgrindCaller caller = read(CallgrindCaller(), text, text.size());
    const CallgrindCaller cut = read(CallgrindCaller(), text, 3);
    expect(caller.thread() == cut.thread() && caller.events() == cut.events(),
           "who asked is the same, however the text is cut");
    Event event;
    event.pmu = "callgrind";
    event.config = 0x2001; // Ir, and all that cycles are made of
    (void)weights_of(event, caller.events());
}

} // namespace fuzz
