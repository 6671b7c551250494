#include "words.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using Words = std::vector<std::string>;

namespace {

Words of(std::string_view line) {
    pmc::Expected<Words> words = cli::words_of(line);
    REQUIRE_MESSAGE(words.has_value(), words.error().message());
    return *std::move(words);
}

std::string error_of(std::string_view line) {
    const pmc::Expected<Words> words = cli::words_of(line);
    REQUIRE_FALSE(words.has_value());
    return words.error().message();
}

} // namespace

TEST_SUITE_BEGIN("words");

TEST_CASE("words are what stands between spaces") {
    CHECK(of("ls") == Words{"ls"});
    CHECK(of("  ls\t-l \n a.txt ") == Words{"ls", "-l", "a.txt"});
}

TEST_CASE("quotes and backslashes keep together what a shell would") {
    CHECK(of("grep 'a b' \"c d\" e\\ f") == Words{"grep", "a b", "c d", "e f"});
    CHECK(of("a'b c'd\"e f\"") == Words{"ab cde f"});
    CHECK(of("a '' \"\"") == Words{"a", "", ""});
    CHECK(of(R"("a\"b\\c\d" 'a\b' \\)") == Words{R"(a"b\c\d)", R"(a\b)", R"(\)"});
    CHECK(of("it\\'s") == Words{"it's"});
}

TEST_CASE("nothing else is special") {
    CHECK(of("echo $HOME *.c | wc > x; y & `z` ~") ==
          Words{"echo", "$HOME", "*.c", "|", "wc", ">", "x;", "y", "&", "`z`", "~"});
    CHECK(of("a\\") == Words{"a\\"}); // at the end there is nothing that it could make plain
}

TEST_CASE("what is no command is told") {
    CHECK(error_of("") == "a command is empty");
    CHECK(error_of(" \t") == "a command is empty");
    CHECK(error_of("echo 'a") == "a quote is not closed: echo 'a");
    CHECK(error_of("echo \"a'") == "a quote is not closed: echo \"a'");
}

TEST_SUITE_END();
