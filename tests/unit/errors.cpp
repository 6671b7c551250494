#include "errors.hpp"

#include <doctest/doctest.h>

TEST_SUITE("errors") {
    TEST_CASE("an error's lines stay lines, and have nothing that a terminal would obey") {
        CHECK(cli::printable_lines("") == "");
        CHECK(cli::printable_lines("process 7 (\x1b[2J\u009bevil)") == "process 7 (?[2J"
                                                                       "??"
                                                                       "evil)");
        CHECK(cli::printable_lines("one\n\ntwo\r\n") == "one\n\ntwo?\n");
        CHECK(cli::printable_lines("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
    }
}
