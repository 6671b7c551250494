#include "event/event_list.hpp"
#include "printable.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace {

using namespace pmc;
using pmc::test::is_printable;

std::vector<ListItem> parsed(std::string_view list) {
    Expected<std::vector<ListItem>> items = parse_event_list(list);
    INFO(list);
    REQUIRE_MESSAGE(items.has_value(), items.error().message());
    return *std::move(items);
}

NameItem only_name(std::string_view list) {
    const std::vector<ListItem> items = parsed(list);
    REQUIRE(items.size() == 1);
    REQUIRE(std::holds_alternative<NameItem>(items[0]));
    return std::get<NameItem>(items[0]);
}

std::string failure(std::string_view list) {
    const Expected<std::vector<ListItem>> items = parse_event_list(list);
    REQUIRE_FALSE(items.has_value());
    CHECK(items.error().kind() == ErrorKind::syntax);
    CHECK(items.error().stage() == Stage::parse);
    return items.error().message();
}

} // namespace

TEST_SUITE("event_list") {
    TEST_CASE("names are separated by commas, and white space around them is ignored") {
        const std::vector<ListItem> items = parsed(" cycles , instructions,\tipc\n");
        REQUIRE(items.size() == 3);
        CHECK(std::get<NameItem>(items[0]).text == "cycles");
        CHECK(std::get<NameItem>(items[1]).text == "instructions");
        CHECK(std::get<NameItem>(items[1]).offset == 10);
        CHECK(std::get<NameItem>(items[2]).text == "ipc");
        CHECK(std::get<NameItem>(items[2]).written == "ipc");
        CHECK_FALSE(std::get<NameItem>(items[2]).mode.has_value());
    }

    TEST_CASE("u, k, uk and ku after the last colon are the mode") {
        CHECK(only_name("cycles:u").mode == Mode::user);
        CHECK(only_name("cycles:k").mode == Mode::kernel);
        CHECK(only_name("cycles:uk").mode == Mode::user_kernel);
        CHECK(only_name("cycles:ku").mode == Mode::user_kernel);
        CHECK(only_name("cycles:u").text == "cycles");
        CHECK(only_name("cycles:u").written == "cycles:u");
    }

    TEST_CASE("anything longer after a colon stays in the name") {
        for (const char* name : {"X:Y:u=1", "sched:sched_switch", "skx::LONGEST_LAT_CACHE:MISS", "cycles:up", "X:c=2",
                                 "model::u", "model::X:0xff"}) {
            CHECK(only_name(name).text == name);
            CHECK_FALSE(only_name(name).mode.has_value());
        }
    }

    TEST_CASE("a name of libpfm4 may have a mode too") {
        const NameItem item = only_name("amd64_fam19h_zen4::RETIRED_INSTRUCTIONS:u");
        CHECK(item.text == "amd64_fam19h_zen4::RETIRED_INSTRUCTIONS");
        CHECK(item.mode == Mode::user);
        CHECK(item.written == "amd64_fam19h_zen4::RETIRED_INSTRUCTIONS:u");
    }

    TEST_CASE("the modifier of a PMU event follows its slash, with a colon or without") {
        for (const char* list : {"cpu/event=0x3c,umask=1/u", "cpu/event=0x3c,umask=1/:u"}) {
            CHECK(only_name(list).text == "cpu/event=0x3c,umask=1/");
            CHECK(only_name(list).mode == Mode::user);
        }
        CHECK_FALSE(only_name("cpu/event=0x3c/").mode.has_value());
    }

    TEST_CASE("an '=' within slashes makes no definition") {
        CHECK(only_name("cpu/event=0x3c/").text == "cpu/event=0x3c/");
    }

    TEST_CASE("a group's modifier applies to those that have none of their own") {
        const std::vector<ListItem> items = parsed("{ cycles , instructions:k, cpu/x,y/ }:u,ipc");
        REQUIRE(items.size() == 2);
        const auto& group = std::get<GroupItem>(items[0]);
        REQUIRE(group.names.size() == 3);
        CHECK(group.names[0].text == "cycles");
        CHECK(group.names[0].mode == Mode::user);
        CHECK(group.names[0].written == "cycles:u");
        CHECK(group.names[1].mode == Mode::kernel);
        CHECK(group.names[1].written == "instructions:k");
        CHECK(group.names[2].text == "cpu/x,y/");
        CHECK(group.names[2].written == "cpu/x,y/u");
        CHECK_FALSE(std::get<NameItem>(items[1]).mode.has_value());
    }

    TEST_CASE("a definition is an identifier, '=' and a formula, whose commas and slashes are its own") {
        const std::vector<ListItem> items =
            parsed("cpi = cycles/instructions,worst=max(a, b) / `cpu/event=1,umask=2/`,ipc");
        REQUIRE(items.size() == 3);
        const auto& cpi = std::get<DefinitionItem>(items[0]);
        CHECK(cpi.name == "cpi");
        CHECK(cpi.formula == "cycles/instructions");
        CHECK(cpi.offset == 0);
        CHECK(cpi.formula_offset == 6);
        CHECK(std::get<DefinitionItem>(items[1]).formula == "max(a, b) / `cpu/event=1,umask=2/`");
        CHECK(std::get<NameItem>(items[2]).text == "ipc");
    }

    TEST_CASE("an error quotes the list and points at the place") {
        CHECK(failure("ipc,,llc") == "event list: expected a name after ','\n  ipc,,llc\n      ^");
        CHECK(failure("ipc,") == "event list: expected a name after ','\n  ipc,\n      ^");
        CHECK(failure(",ipc") == "event list: expected a name\n  ,ipc\n  ^");
        CHECK(failure("") == "event list: it is empty\n  \n  ^");
        CHECK(failure("  ") == "event list: it is empty\n    \n    ^");
        CHECK(failure("a,{b") == "event list: '{' is not closed\n  a,{b\n    ^");
        CHECK(failure("a}") == "event list: '}' without '{'\n  a}\n   ^");
        CHECK(failure("{a,{b}}") == "event list: a group can't stand in a group\n  {a,{b}}\n     ^");
        CHECK(failure("{}") == "event list: expected a name after '{'\n  {}\n   ^");
        CHECK(failure("{a,}") == "event list: expected a name after ','\n  {a,}\n     ^");
        CHECK(failure("{a}b") == "event list: expected ',' before this\n  {a}b\n     ^");
        CHECK(failure("{a b}") == "event list: expected ',' or '}' before this\n  {a b}\n     ^");
        CHECK(failure("a b") == "event list: expected ',' before this\n  a b\n    ^");
        CHECK(failure("a{b}") == "event list: expected ',' before '{'\n  a{b}\n   ^");
        CHECK(failure("cpu/a,b") == "event list: '/' is not closed\n  cpu/a,b\n     ^");
        CHECK(failure("/a/") == "event list: expected a PMU's name before '/'\n  /a/\n  ^");
        CHECK(failure("a(b") == "event list: '(' is not closed\n  a(b\n   ^");
        CHECK(failure("a)") == "event list: ')' without '('\n  a)\n   ^");
        CHECK(failure("x=") == "event list: expected a formula after '='\n  x=\n    ^");
        CHECK(failure("x=,a") == "event list: expected a formula after '='\n  x=,a\n    ^");
        CHECK(failure("x=(a,b") == "event list: '(' is not closed\n  x=(a,b\n    ^");
        CHECK(failure("x=`a,b") == "event list: '`' is not closed\n  x=`a,b\n    ^");
        CHECK(failure("{x=a/b}") == "event list: a formula can't stand in a group\n  {x=a/b}\n   ^");
        CHECK(failure("Cpi=a/b") ==
              "event list: expected a name of small letters, digits and '_' before '='\n  Cpi=a/b\n  ^");
        CHECK(failure("=a").starts_with("event list: expected a name of small letters"));
        CHECK(failure("`a`") == "event list: backquotes belong in a formula\n  `a`\n  ^");
    }

    TEST_CASE("a modifier that is none is an error where it can't be part of a name") {
        CHECK(failure("cpu/a/p") ==
              "event list: expected ',' or a modifier after the closing '/'\n  cpu/a/p\n        ^");
        CHECK(failure("cpu/a/:") ==
              "event list: expected ',' or a modifier after the closing '/'\n  cpu/a/:\n         ^");
        CHECK(failure("cpu/a/b/") ==
              "event list: expected ',' or a modifier after the closing '/'\n  cpu/a/b/\n        ^");
        CHECK(failure("{a}:W") == "event list: expected a modifier after the group's ':'\n  {a}:W\n      ^");
        CHECK(failure("a:") == "event list: expected a modifier after ':'\n  a:\n    ^");
        CHECK(failure("a:u:k") == "event list: two modifiers\n  a:u:k\n     ^");
        CHECK(parse_event_list("{a}:W").error().hint().find("uk") != std::string::npos);
    }

    TEST_CASE("a byte that no name has is refused, and shown as '?'") {
        CHECK(failure("a\x1b[31m") == "event list: a byte that no name has\n  a?[31m\n   ^");
        CHECK(failure("ipc,\xc3\xa4") == "event list: a byte that no name has\n  ipc,??\n      ^");
        CHECK(failure(std::string_view("a\0b", 3)) == "event list: a byte that no name has\n  a?b\n   ^");
    }

    TEST_CASE("a long list is cut to the part around the place") {
        const std::string list = std::string(500, 'a') + ",," + std::string(500, 'b');
        const std::string message = failure(list);
        CHECK(message == "event list: expected a name after ','\n  ..." + std::string(35, 'a') + ",," +
                             std::string(35, 'b') + "...\n  " + std::string(39, ' ') + "^");
    }

    TEST_CASE("more than 1000 items, or than 64 KiB, are refused") {
        std::string list = "a";
        for (int i = 1; i < 1000; ++i)
            list += ",a";
        CHECK(parsed(list).size() == 1000);
        CHECK(failure(list + ",a").starts_with("event list: more than 1000 items"));
        CHECK(failure("{" + list + ",a}").starts_with("event list: more than 1000 items"));
        CHECK(failure("{" + list + "},x=a").starts_with("event list: more than 1000 items"));
        CHECK(parsed(std::string(65536, 'a')).size() == 1);
        CHECK(failure(std::string(65537, 'a')).starts_with("event list: longer than 64 KiB"));
    }

    TEST_CASE("hostile lists end in items or in a syntax error, never in a crash") {
        for (const char c : {'{', '(', '`', '/', ':', '=', ',', '}', ')'})
            failure(std::string(60000, c));
        failure("x=" + std::string(60000, '('));

        std::mt19937 random(20240611); // NOLINT: the same bytes every time
        constexpr std::string_view alphabet = "aux_09:/,{}()`= \t=\x01\x80";
        for (int round = 0; round < 50000; ++round) {
            std::string list(random() % 24, ' ');
            for (char& c : list)
                c = alphabet[random() % alphabet.size()];
            const Expected<std::vector<ListItem>> items = parse_event_list(list);
            if (items.has_value()) {
                CHECK_FALSE(items->empty());
                continue;
            }
            CHECK(items.error().kind() == ErrorKind::syntax);
            CHECK(items.error().message().find('^') != std::string::npos);
            CHECK(is_printable(items.error().message()));
        }
    }

    TEST_CASE("a caret beyond the text stands at its end") {
        CHECK(syntax_error("odd", "ab", 99).message() == "odd\n  ab\n    ^");
    }

    TEST_CASE("a quoted name is cut and printable") {
        CHECK(quoted("cycles") == "'cycles'");
        CHECK(quoted("a\nb") == "'a?b'");
        CHECK(quoted(std::string(81, 'x')) == "'" + std::string(80, 'x') + "...'");
    }
}
