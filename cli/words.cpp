#include "words.hpp"

#include "errors.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace cli {
namespace {

bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n';
}

/// What a backslash makes plain between double quotes; before all else it stands for itself there.
bool is_special_in_quotes(char c) noexcept {
    return c == '"' || c == '\\' || c == '$' || c == '`';
}

} // namespace

pmc::Expected<std::vector<std::string>> words_of(std::string_view line) {
    std::vector<std::string> words;
    std::optional<std::string> word; // "" is a word, nothing is none
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool has_next = i + 1 < line.size();
        if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote == '\'') {
            *word += c;
        } else if (c == '\\' && has_next && (quote == 0 || is_special_in_quotes(line[i + 1]))) {
            word = word.value_or("") + line[++i];
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
            word = word.value_or("");
        } else if (quote == 0 && is_space(c)) {
            if (word)
                words.push_back(*std::exchange(word, std::nullopt));
        } else {
            word = word.value_or("") + c;
        }
    }
    if (quote != 0)
        return misuse("a quote is not closed: " + std::string(line), std::string("close it with ") + quote);
    if (word)
        words.push_back(*std::move(word));
    if (words.empty())
        return misuse("a command is empty", "is a variable not set?");
    return words;
}

} // namespace cli
