#include <pmc/version.hpp>

const char* pmc::version() noexcept {
    return PMC_VERSION;
}
