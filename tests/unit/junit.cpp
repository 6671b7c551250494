#include "junit.hpp"

#include "made_up_checks.hpp"

#include <doctest/doctest.h>

using cli::junit_xml;
using cli::xml_text;

// tests/unit/gate_forms.py reads it by a parser.
TEST_SUITE("junit") {
    TEST_CASE("what failed is a failure; what could not be told is an error and never looks passed") {
        const std::string text = junit_xml(made_up::checks(), "./app", 1.5);
        CHECK(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"5\" failures=\"1\" "
                               "errors=\"3\" skipped=\"0\" time=\"1.500000\">\n"));
        CHECK(text.find(R"(<failure type="fail" message="5.952 G vs baseline 5.734 G  (at most +2 %)") !=
              std::string::npos);
        for (const char* const outcome : {"unknown", "inconclusive", "invalid"})
            CHECK(text.find(std::string("<error type=\"") + outcome + '"') != std::string::npos);
        CHECK(text.find("skipped/>") == std::string::npos);
        CHECK(text.find("hint: see doctor</error>") != std::string::npos);
        CHECK(text.find("name=\"ipc: ipc&gt;=1.2\"") != std::string::npos);
    }

    TEST_CASE("what XML can't have is replaced, and what means something to it is escaped") {
        CHECK(xml_text("a<b> & \"c\"") == "a&lt;b&gt; &amp; &quot;c&quot;");
        CHECK(xml_text("a\tb\nc\rd") == "a&#9;b&#10;c&#13;d");
        CHECK(xml_text(std::string_view("a\0b\x1b\x7f", 5)) == "a\xef\xbf\xbd"
                                                               "b\xef\xbf\xbd\x7f");
        CHECK(xml_text("\xff\xc3\xa9\xed\xa0\x80") == "\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
        CHECK(xml_text("\xef\xbf\xbf") == "\xef\xbf\xbd");
        CHECK(xml_text("]]>") == "]]&gt;");
    }
}
