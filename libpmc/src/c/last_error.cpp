#include "c/last_error.hpp"

#include <string>
#include <string_view>

namespace pmc::c {
namespace {

struct LastError {
    std::string message;
    std::string hint;
    Cause cause = Cause::none;
    int error = 0;
};
thread_local LastError last;

constexpr pmc_status status_of(ErrorKind kind) noexcept {
    switch (kind) {
    case ErrorKind::syntax:
        return PMC_SYNTAX;
    case ErrorKind::unknown_name:
        return PMC_UNKNOWN_NAME;
    case ErrorKind::not_available:
        return PMC_NOT_AVAILABLE;
    case ErrorKind::command:
        return PMC_COMMAND;
    case ErrorKind::io:
        return PMC_IO;
    case ErrorKind::format:
        return PMC_FORMAT;
    case ErrorKind::misuse:
        break;
    }
    return PMC_MISUSE;
}

/// Without memory for the text there is none: the status stands.
void keep(std::string& text, std::string_view content) noexcept {
    try {
        text = content;
    } catch (const std::bad_alloc&) {
        text.clear();
    }
}

} // namespace

pmc_status fail(const Error& error) noexcept {
    keep(last.message, error.message());
    keep(last.hint, error.hint());
    last.cause = error.reason().cause;
    last.error = error.error_number();
    return status_of(error.kind());
}

pmc_status fail(pmc_status status, const char* message) noexcept {
    keep(last.message, message);
    last.hint.clear();
    last.cause = Cause::none;
    last.error = 0;
    return status;
}

} // namespace pmc::c

using pmc::c::last;

const char* pmc_error_message(void) {
    return last.message.c_str();
}

const char* pmc_error_hint(void) {
    return last.hint.c_str();
}

const char* pmc_error_cause(void) {
    return pmc::to_string(last.cause).data();
}

int pmc_error_errno(void) {
    return last.error;
}
