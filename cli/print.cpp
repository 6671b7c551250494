#include "print.hpp"

#include "errors.hpp"
#include "status.hpp"

#include <cstdio>
#include <fmt/format.h>

namespace cli {

int print(const std::string& text, std::string_view what) {
    if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0)
        return 0;
    print_error(fmt::format("cannot write the {} to stdout", what));
    return status::failed;
}

} // namespace cli
