#include "measured.hpp"

#include "log.hpp"
#include "status.hpp"

#include <cerrno>

namespace cli {

int Measured::exit_status() const noexcept {
    if (timed_out)
        return status::timed_out;
    return command_status != 0 ? command_status : status;
}

int start_status(const pmc::Error& error) noexcept {
    if (error.kind() != pmc::ErrorKind::command || error.stage() != pmc::Stage::exec)
        return status::failed;
    return error.error_number() == ENOENT ? status::not_found : status::not_executable;
}

void settle(const Counting::Outcome& outcome) {
    if (outcome.signal == 0 || !outcome.leftovers)
        return;
    for (const pid_t left : outcome.leftovers->end(outcome.signal))
        log().warn("process {} of the command's could not be ended: it is another user's, or hangs in the kernel",
                   left);
}

} // namespace cli
