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
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <new>
#include <string_view>
#include <unistd.h>

namespace {

/// Closed ones would be given to counters and files of ours, and messages be written into them. The command still gets
/// them closed; reading or writing here fails as before.
void reserve_standard_streams() noexcept {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

/// It would lend its rights to any command, and to what it writes.
bool is_setuid() noexcept {
    return geteuid() != getuid() || getegid() != getgid();
}

constexpr std::string_view no_memory = "out of memory";
constexpr std::string_view no_memory_remedy = "free some, or raise the limit of it: ulimit -v unlimited";

/// Where there is no memory even for an exception, or where nothing may be thrown: a line and a status all the same.
[[noreturn]] void terminate() noexcept {
    try {
        if (const std::exception_ptr thrown = std::current_exception())
            std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
    } catch (...) {
        std::abort();
    }
    for (const std::string_view part : {std::string_view("pmcstat: error: "), no_memory, std::string_view("\n  hint: "),
                                        no_memory_remedy, std::string_view("\n")})
        if (write(STDERR_FILENO, part.data(), part.size()) < 0)
            break;
    _exit(cli::status::failed);
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
    std::set_terminate(terminate);
    reserve_standard_streams();
    if (is_setuid()) {
        cli::print_error("pmcstat does not run setuid or setgid: what it runs and writes would have those rights, too",
                         "chmod ug-s it, and give it the right to count alone: setcap cap_perfmon+ep pmcstat");
        return cli::status::failed;
    }
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
    } catch (const std::bad_alloc&) {
        cli::print_error(no_memory, no_memory_remedy);
        return cli::status::failed;
    } catch (const std::exception& error) {
        // A fault of ours: still one line, and a status that says it was pmcstat.
        cli::print_error(error.what());
        return cli::status::failed;
    }
}
