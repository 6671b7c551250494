// A program whose speed is worth a gate: it counts the words of a text that it makes up, the same one each time.
// Built with -DPLANTED_REGRESSION it does 5 % more work, as if somebody had not looked.
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace {

std::string made_up_text(std::size_t words) {
    std::string text;
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < words; ++i) {
        state = state * 1664525U + 1013904223U; // Numerical Recipes' generator: the same numbers everywhere
        for (std::uint32_t letters = 3 + (state >> 28U) % 6, bits = state; letters > 0; --letters, bits >>= 3U)
            text += static_cast<char>('a' + (bits & 7U));
        text += ' ';
    }
    return text;
}

std::size_t count_words(const std::string& text) {
    std::size_t words = 0;
    bool in_word = false;
    for (const char c : text) {
        const bool is_letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
        words += is_letter && !in_word ? 1U : 0U;
        in_word = is_letter;
    }
    return words;
}

} // namespace

int main() {
#ifdef PLANTED_REGRESSION
    constexpr std::size_t rounds = 105;
#else
    constexpr std::size_t rounds = 100;
#endif
    const std::string text = made_up_text(4'000);
    std::size_t words = 0;
    for (std::size_t round = 0; round < rounds; ++round)
        words += count_words(text);
    std::printf("%zu words\n", words / rounds);
    return 0;
}
