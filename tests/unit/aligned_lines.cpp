#include "aligned_lines.hpp"

#include <doctest/doctest.h>

using cli::AlignedLines;
using Align = cli::AlignedLines::Align;

TEST_SUITE("aligned_lines") {
    TEST_CASE("columns are as wide as their widest cell, numbers stand to the right, lines end without spaces") {
        AlignedLines lines({Align::left, Align::right, Align::left});
        lines.add({"metric", "median", ""});
        lines.add({"ipc", "1.61", "a note"});
        CHECK(lines.text() == "  metric  median\n"
                              "  ipc       1.61  a note\n");
    }

    TEST_CASE("the last of fewer cells, and a title, widen no column") {
        AlignedLines lines({Align::left, Align::right, Align::left}, 0);
        lines.add_title("a title that is longer than all cells together");
        lines.add({"ipc", "a reason, as long as it likes to be"});
        lines.add({"llc", "1", "x"});
        CHECK(lines.text() == "a title that is longer than all cells together\n"
                              "ipc  a reason, as long as it likes to be\n"
                              "llc  1  x\n");
    }

    TEST_CASE("a character of several bytes takes one column, and what moves the cursor is not shown") {
        AlignedLines lines({Align::left, Align::left});
        lines.add({"\xc3\xa9", "a\nb\x1b[2J"});
        lines.add({"ab", "c"});
        CHECK(lines.text() == "  \xc3\xa9   a?b?[2J\n"
                              "  ab  c\n");
    }
}
