#include "measured.hpp"

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

} // namespace cli
