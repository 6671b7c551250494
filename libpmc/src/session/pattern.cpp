#include "session/pattern.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace pmc {
namespace {

// glibc writes out what {n} repeats, within each other too, and takes all memory and stack for "((a{255}){255}){255}".
// What stays below these is compiled in milliseconds.
constexpr std::size_t longest = 1000;
constexpr unsigned long most_repeats = 1000;

/// How often the repetitions {n} and {n,m} write out what they repeat, if each stands within all others.
unsigned long count_repeats(std::string_view text) noexcept {
    unsigned long product = 1;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        unsigned long most = 1;
        const char* const end = text.data() + text.size();
        for (const char* at = text.data() + open + 1; at < end;) {
            unsigned long number = 1;
            const auto [after, error] = std::from_chars(at, end, number);
            if (error == std::errc::result_out_of_range)
                return most_repeats + 1;
            if (error == std::errc{})
                most = std::max(most, number);
            if (after == end || *after != ',')
                break;
            at = after + 1;
        }
        if (most > most_repeats)
            return most;
        product *= most;
        if (product > most_repeats)
            break;
    }
    return product;
}

Error unusable(const std::string& text, std::string_view why) {
    std::string shown = text.substr(0, 60);
    if (shown.size() < text.size())
        shown += "…";
    return Error(ErrorKind::syntax, Stage::parse, "regular expression '" + shown + "': " + std::string(why))
        .with_subject(text);
}

} // namespace

void Pattern::Free::operator()(regex_t* compiled) const noexcept {
    regfree(compiled);
    delete compiled;
}

Expected<Pattern> Pattern::compile(const std::string& text) {
    if (text.empty())
        return unusable(text, "it is empty");
    if (text.find('\0') != std::string::npos)
        return unusable(text, "it has a 0 byte in it");
    if (text.size() > longest || count_repeats(text) > most_repeats)
        return unusable(text, "it is too large");
    auto bare = std::make_unique<regex_t>();
    if (const int error = regcomp(bare.get(), text.c_str(), REG_EXTENDED | REG_NOSUB); error != 0) {
        char why[128];
        regerror(error, bare.get(), why, sizeof why);
        return unusable(text, why);
    }
    return Pattern(Compiled(bare.release()));
}

bool Pattern::matches(const std::string& text) const noexcept {
    return regexec(compiled_.get(), text.c_str(), 0, nullptr, 0) == 0;
}

} // namespace pmc
