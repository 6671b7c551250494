#pragma once

#include <pmc/error.hpp>
#include <pmc/pmc.h>

#include <exception>
#include <new>

namespace pmc::c {

/// Keeps what failed for this thread's pmc_error_…() functions.
pmc_status fail(const Error& error) noexcept;
/// The message without a hint, of texts that need no memory.
pmc_status fail(pmc_status status, const char* message) noexcept;

/// Nothing is thrown into C: what `body` throws becomes a status.
template <typename Body>
pmc_status without_exceptions(const Body& body) noexcept {
    try {
        return body();
    } catch (const Error& error) {
        return fail(error);
    } catch (const std::bad_alloc&) {
        return fail(PMC_OUT_OF_MEMORY, "out of memory");
    } catch (const std::exception& exception) {
        return fail(PMC_MISUSE, exception.what());
    }
}

} // namespace pmc::c
