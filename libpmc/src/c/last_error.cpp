#include "c/last_error.hpp"

#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace pmc::c {
namespace {

struct LastError {
    std::string message;
    std::string hint;
    Cause cause = Cause::none;
    int error = 0;
};
constinit thread_local LastError* last = nullptr; ///< made when first there is one
constinit thread_local bool is_over = false;      ///< the thread is ending: its errors are nobody's

/// Null: there is no memory, or the thread is ending, in which other thread_locals' destructors may still fail.
LastError* own() noexcept {
    struct Owner {
        ~Owner() {
            delete std::exchange(last, nullptr);
            is_over = true;
        }
        void touch() const noexcept {}
    };
    if (last == nullptr && !is_over) {
        static thread_local const Owner owner{};
        owner.touch();
        last = new (std::nothrow) LastError;
    }
    return last;
}

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
    if (LastError* const known = own()) {
        keep(known->message, error.message());
        keep(known->hint, error.hint());
        known->cause = error.reason().cause;
        known->error = error.error_number();
    }
    return status_of(error.kind());
}

pmc_status fail(pmc_status status, const char* message) noexcept {
    if (LastError* const known = own()) {
        keep(known->message, message);
        known->hint.clear();
        known->cause = Cause::none;
        known->error = 0;
    }
    return status;
}

} // namespace pmc::c

using pmc::c::last;

const char* pmc_error_message(void) {
    return last == nullptr ? "" : last->message.c_str();
}

const char* pmc_error_hint(void) {
    return last == nullptr ? "" : last->hint.c_str();
}

const char* pmc_error_cause(void) {
    return pmc::to_string(last == nullptr ? pmc::Cause::none : last->cause).data();
}

int pmc_error_errno(void) {
    return last == nullptr ? 0 : last->error;
}
