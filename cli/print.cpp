#include "print.hpp"

#include "errors.hpp"
#include "status.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>

namespace cli {

int print(const std::string& text, std::string_view what) {
    if (std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0)
        return 0;
    print_error(fmt::format("cannot write the {} to stdout: {}", what, std::strerror(errno)),
                "send it to a file, or to a program that reads it");
    return status::failed;
}

} // namespace cli
