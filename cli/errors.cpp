#include "errors.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <utility>

namespace cli {

pmc::Error misuse(std::string message, std::string hint) {
    return pmc::Error(pmc::ErrorKind::misuse, pmc::Stage::parse, std::move(message), std::move(hint));
}

void print_error(std::string_view message, std::string_view hint) {
    std::string text = fmt::format("pmcstat: error: {}\n", message);
    if (!hint.empty())
        text += fmt::format("  hint: {}\n", hint);
    std::fputs(text.c_str(), stderr);
}

void print_error(const pmc::Error& error) {
    print_error(error.message(), error.hint());
}

} // namespace cli
