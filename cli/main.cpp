#include "compare.hpp"
#include "doctor.hpp"
#include "errors.hpp"
#include "gate_document.hpp"
#include "list.hpp"
#include "options.hpp"
#include "replay.hpp"
#include "run.hpp"
#include "status.hpp"

#include <csignal>
#include <exception>
#include <fcntl.h>
#include <unistd.h>

namespace {

/// Closed ones would be given to counters and files of ours, and messages be written into them. The command still gets
/// them closed; reading or writing here fails as before.
void reserve_standard_streams() noexcept {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

/// Beyond the limit of a file's size (RLIMIT_FSIZE) a write shall fail, and be told, rather than end us with half a
/// file left behind. A handler, because the command does not inherit one.
void survive_file_size_limit() noexcept {
    struct sigaction action {};
    sigaction(SIGXFSZ, nullptr, &action);
    if (action.sa_handler != SIG_DFL)
        return;
    action.sa_handler = [](int) {};
    action.sa_flags = SA_RESTART;
    sigaction(SIGXFSZ, &action, nullptr);
}

} // namespace

int main(int argc, char** argv) {
    reserve_standard_streams();
    survive_file_size_limit();
    try {
        const cli::Options options = cli::parse_options(argc, argv);
        if (const auto* const run = std::get_if<cli::RunOptions>(&options))
            return cli::run(*run);
        if (const auto* const replay = std::get_if<cli::ReplayOptions>(&options))
            return cli::replay(*replay);
        if (const auto* const list = std::get_if<cli::ListOptions>(&options))
            return cli::list(*list);
        if (const auto* const document = std::get_if<cli::GateDocumentOptions>(&options))
            return cli::gate_document(*document);
        if (const auto* const comparison = std::get_if<cli::CompareOptions>(&options))
            return cli::compare(*comparison);
        if (const auto* const doctor = std::get_if<cli::DoctorOptions>(&options))
            return cli::doctor(*doctor);
        return std::get<cli::Finished>(options).status;
    } catch (const std::exception& error) {
        // Out of memory, or a fault of ours: still one line, and a status that says it was pmcstat.
        cli::print_error(error.what());
        return cli::status::failed;
    }
}
