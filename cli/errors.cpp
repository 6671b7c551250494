#include "errors.hpp"

#include "terminal.hpp"

#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace cli {

pmc::Error misuse(std::string message, std::string hint) {
    return pmc::Error(pmc::ErrorKind::misuse, pmc::Stage::parse, std::move(message), std::move(hint));
}

std::string printable_lines(std::string_view text) {
    std::string lines;
    while (true) {
        const std::string_view line = text.substr(0, text.find('\n'));
        lines += pmc::record::printable(std::string(line));
        if (line.size() == text.size())
            return lines;
        lines += '\n';
        text.remove_prefix(line.size() + 1);
    }
}

void print_error(std::string_view message, std::string_view hint) {
    std::string text = fmt::format("pmcstat: error: {}\n", printable_lines(message));
    if (!hint.empty())
        text += fmt::format("  hint: {}\n", printable_lines(hint));
    std::fputs(text.c_str(), stderr);
}

void print_error(const pmc::Error& error) {
    // What nobody reads could be stderr, where this would be stuck then.
    pollfd writable{STDERR_FILENO, POLLOUT, 0};
    if (error.error_number() == ECANCELED && poll(&writable, 1, 0) == 0)
        return;
    print_error(error.message(), error.hint());
}

} // namespace cli
