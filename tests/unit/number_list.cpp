#include "number_list.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

using cli::cpu_list;
using cli::number_list;
using cli::whole_number;

TEST_SUITE("number_list") {
    TEST_CASE("a whole number is all of the text, within its bounds") {
        CHECK(whole_number("-I", "10", 1, 100).value() == 10);
        CHECK(whole_number("-D", "-1", -1, 100).value() == -1);
        for (const char* const text : {"", " 1", "1 ", "+1", "1.5", "1e3", "0x10", "ten", "1ms", "--1"}) {
            CAPTURE(text);
            CHECK(whole_number("-I", text, 1, 100).error().message().ends_with("is no whole number"));
        }
        CHECK(whole_number("-I", "0", 1, 100).error().message() == "-I: '0' is too small");
        CHECK(whole_number("-I", "101", 1, 100).error().hint() == "give a whole number from 1 to 100");
    }

    TEST_CASE("numbers beyond what can be held are refused") {
        constexpr int most = std::numeric_limits<int>::max();
        CHECK(whole_number("-I", "2147483647", 1, most).value() == most);
        for (const char* const text : {"2147483648", "-2147483649", "99999999999999999999999999"})
            CHECK(whole_number("-I", text, 1, most).error().message().ends_with("is out of range"));
        CHECK_FALSE(cpu_list("-C", {"0-4000000000"}));
        CHECK_FALSE(cpu_list("-C", {"0-2000000000"}));
    }

    TEST_CASE("lists add up, and each number stands once") {
        CHECK(number_list("-p", {"3,1", "3,2"}, 1).value() == std::vector{3, 1, 2});
        CHECK(number_list("-p", {}, 1).value().empty());
        for (const char* const text : {"", ",", "1,", ",1", "1,,2"}) {
            CAPTURE(text);
            CHECK(number_list("-p", {text}, 1).error().message().find("empty element") != std::string::npos);
        }
        CHECK_FALSE(number_list("-p", {"0"}, 1));
    }

    TEST_CASE("CPUs are numbers and ranges, sorted") {
        CHECK(cpu_list("-C", {"4,0-2", "1"}).value() == std::vector{0, 1, 2, 4});
        CHECK(cpu_list("-C", {"7-7"}).value() == std::vector{7});
        CHECK(cpu_list("-C", {"5-2"}).error().message() == "-C: '5-2' is a range that ends before it begins");
        for (const char* const text : {"-", "1-", "-1", "1-2-3", "a", "0-b", "0:2"}) {
            CAPTURE(text);
            CHECK(cpu_list("-C", {text}).error().hint() == "write it as in 0,2-4");
        }
    }

    TEST_CASE("what is shown of a bad word is short and harmless") {
        const std::string message = whole_number("-I", "\x1b[31m" + std::string(5000, 'x'), 1, 9).error().message();
        CHECK(message.size() < 100);
        CHECK(message.find('\x1b') == std::string::npos);
    }
}
