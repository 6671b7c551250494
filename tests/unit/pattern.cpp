#include "session/pattern.hpp"

#include <doctest/doctest.h>

using pmc::Pattern;

TEST_SUITE_BEGIN("pattern");

TEST_CASE("a pattern is extended, and found anywhere") {
    const auto pattern = Pattern::compile("^(ngin+x|x{2})|:[0-9]+$");
    REQUIRE(pattern);
    CHECK(pattern->matches("nginnnx: master"));
    CHECK(pattern->matches("xx"));
    CHECK(pattern->matches("kworker/0:1"));
    CHECK_FALSE(pattern->matches("x"));
    CHECK_FALSE(pattern->matches(""));
    CHECK_FALSE(pattern->matches(" nginx"));
}

TEST_CASE("a newline is a character as any other") {
    CHECK(Pattern::compile("a.b").value().matches("a\nb"));
    CHECK_FALSE(Pattern::compile("^b").value().matches("a\nb"));
}

TEST_CASE("what is wrong is said in the C library's words") {
    struct Wrong {
        const char* text;
        const char* why;
    };
    for (const Wrong& wrong : {Wrong{"(a", "Unmatched ( or \\("}, Wrong{"[a", "Unmatched [, [^, [:, [., or [="},
                               Wrong{"a{2,1}", "Invalid content of \\{\\}"}, Wrong{"a\\", "Trailing backslash"}}) {
        const auto pattern = Pattern::compile(wrong.text);
        REQUIRE_FALSE_MESSAGE(pattern, wrong.text);
        CHECK(pattern.error().kind() == pmc::ErrorKind::syntax);
        CHECK(pattern.error().message() == std::string("regular expression '") + wrong.text + "': " + wrong.why);
        CHECK(pattern.error().subject() == wrong.text);
    }
}

TEST_CASE("an expression that would take all memory is refused") {
    for (const std::string& text : {std::string("((((a{255}){255}){255}){255})"), std::string("(a{1,30}){40}"),
                                    std::string("a{99999999999999999999}"), std::string(2000, '('),
                                    std::string(1001, 'a'), std::string(), std::string("a\0b", 3)}) {
        const auto pattern = Pattern::compile(text);
        REQUIRE_FALSE(pattern);
        CHECK(pattern.error().kind() == pmc::ErrorKind::syntax);
        CHECK(pattern.error().message().size() < 200);
    }
    CHECK(Pattern::compile("(a{1,30}){3}"));
    CHECK(Pattern::compile(std::string(400, '(') + std::string(400, ')')));
    CHECK(Pattern::compile("a{,3}b{2,}"));
}

TEST_SUITE_END();
