#pragma once

#include <cstdint>

namespace pmc {

/// Tells the thread that the scope was begun on that it ended elsewhere, if that thread still has it open. False: it
/// was begun in the process that this one was forked from.
bool orphan(std::uint64_t token) noexcept;

/// While it lives, a signal handler's scope on this thread is dropped: it may have come in the midst of what can't be
/// entered twice. The thread can't be cancelled meanwhile.
class BusyMark {
public:
    BusyMark() noexcept;
    BusyMark(const BusyMark&) = delete;
    BusyMark& operator=(const BusyMark&) = delete;
    ~BusyMark();

private:
    bool was_busy_;
    int cancel_state_ = 0;
};

} // namespace pmc
