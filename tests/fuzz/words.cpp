#include "target.hpp"

#include "words.hpp"

/// A command line, taken apart: each word in quotes gives the same words again.
namespace fuzz {
namespace {

/// 'it'\''s'
std::string quoted(std::string_view word) {
    std::string text = "'";
    for (const char c : word)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "' ";
}

} // namespace

void take(std::string_view text) {
    const pmc::Expected<std::vector<std::string>> words = cli::words_of(text);
    if (!words)
        return;
    expect(!words->empty(), "a command has a word");
    std::string line;
    for (const std::string& word : *words)
        line += quoted(word);
    const pmc::Expected<std::vector<std::string>> again = cli::words_of(line);
    expect(again && *again == *words, "quoted words are the same words");
}

} // namespace fuzz
