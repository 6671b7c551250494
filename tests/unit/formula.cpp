#include "table/formula.hpp"

#include <clocale>
#include <cmath>
#include <doctest/doctest.h>
#include <map>

using namespace pmc;

namespace {

using Values = std::map<std::string, double, std::less<>>;

Formula parsed(std::string_view text) {
    Expected<Formula> formula = Formula::parse(text);
    INFO(std::string(text));
    REQUIRE(formula);
    return std::move(*formula);
}

Formula::Outcome outcome(std::string_view text, const Values& values = {}) {
    return parsed(text).evaluate([&](std::string_view name) -> std::optional<double> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    });
}

double value(std::string_view text, const Values& values = {}) {
    const Formula::Outcome result = outcome(text, values);
    INFO(std::string(text));
    REQUIRE(result.value);
    return *result.value;
}

Error error(std::string_view text) {
    Expected<Formula> formula = Formula::parse(text);
    INFO(std::string(text));
    REQUIRE(!formula);
    return formula.error();
}

} // namespace

TEST_SUITE("formula") {
    TEST_CASE("operators bind and associate as in arithmetic") {
        CHECK(value("1 + 2 * 3") == 7);
        CHECK(value("(1 + 2) * 3") == 9);
        CHECK(value("10 - 4 - 3") == 3);
        CHECK(value("100 / 5 / 2") == 10);
        CHECK(value("2 * -3") == -6);
        CHECK(value("-2 - -3") == 1);
        CHECK(value(" 7\t") == 7);
    }

    TEST_CASE("numbers have fractions and exponents") {
        CHECK(value("1e9") == 1e9);
        CHECK(value("2.5E-3") == 2.5e-3);
        CHECK(value(".5") == 0.5);
        CHECK(value("1e+2") == 100);
    }

    TEST_CASE("numbers do not depend on the locale") {
        for (const char* locale : {"de_DE.UTF-8", "fr_FR.UTF-8"})
            std::setlocale(LC_NUMERIC, locale);
        CHECK(value("1.5 * 2") == 3);
        std::setlocale(LC_NUMERIC, "C");
    }

    TEST_CASE("min and max take two values or more") {
        CHECK(value("min(3, 1, 2)") == 1);
        CHECK(value("max(0, 1 - 3)") == 0);
        CHECK(value("max(min(5, 7), 1, 2) + 1") == 6);
        CHECK(error("min(1)").message().find("two values or more") != std::string::npos);
        CHECK(error("sqrt(2)").message().find("no function") != std::string::npos);
    }

    TEST_CASE("names are taken from the caller, each once, in order") {
        const Formula formula = parsed("1000 * llc_misses / (instructions + llc_misses)");
        REQUIRE(formula.names().size() == 2);
        CHECK(formula.names()[0].text == "llc_misses");
        CHECK(formula.names()[0].offset == 7);
        CHECK(formula.names()[1].text == "instructions");
        CHECK(value("1000 * a / b", {{"a", 3}, {"b", 1500}}) == 2);
    }

    TEST_CASE("min is a name like any other where no parenthesis follows") {
        CHECK(value("min / 2", {{"min", 8}}) == 4);
    }

    TEST_CASE("an event in backquotes is a name") {
        const Formula formula = parsed("`cpu/event=0xc0,umask=1/` / `L1-dcache-loads:u`");
        REQUIRE(formula.names().size() == 2);
        CHECK(formula.names()[0].text == "cpu/event=0xc0,umask=1/");
        CHECK(formula.names()[0].quoted);
        CHECK(formula.names()[1].text == "L1-dcache-loads:u");
        CHECK(formula.names()[1].offset == 28);
    }

    TEST_CASE("a name without a value gives no value and is named") {
        const Formula::Outcome result = outcome("a / b", {{"a", 1}});
        CHECK(!result.value);
        CHECK(result.missing == "b");
        CHECK(!result.divided_by_zero);
    }

    TEST_CASE("a division by zero gives no value") {
        for (const char* text : {"1 / 0", "0 / 0", "1 / (2 - 2)", "min(1, 1 / 0)", "0 * (1 / 0)"}) {
            const Formula::Outcome result = outcome(text);
            CHECK(!result.value);
            CHECK(result.divided_by_zero);
            CHECK(result.missing.empty());
        }
    }

    TEST_CASE("an overflow gives no value, not infinity") {
        CHECK(!outcome("1e308 * 10").value);
        CHECK(!outcome("min(1, 1e308 * 10)").value);
        CHECK(!outcome("1 / (1e308 * 10)").value);
        CHECK(!outcome("a", {{"a", std::nan("")}}).value);
        CHECK(!outcome("1e308 * 10").divided_by_zero);
    }

    TEST_CASE("errors say what is wrong and are of kind syntax") {
        for (const char* text :
             {"",     " ",    "1 +",    "* 2",   "(1",     "1)",    "1 2", "a b", "min(1,", "min(,1)", "`a", "``",
              "1..2", "0x10", "a == b", "a ? b", "Cycles", "1e999", "a,b", "@",   "\xff",   "1 / ",    "()"}) {
            const Error wrong = error(text);
            CHECK(wrong.kind() == ErrorKind::syntax);
            CHECK(wrong.message().starts_with("formula: "));
        }
    }

    TEST_CASE("a text with a zero byte is an error") {
        CHECK(error({"1\0+2", 4}).kind() == ErrorKind::syntax);
    }

    TEST_CASE("hostile nesting is refused, and a long chain is no nesting") {
        CHECK(error(std::string(100'000, '(')).message().find("deep") != std::string::npos);
        CHECK(error(std::string(100'000, '-') + "1").message().find("deep") != std::string::npos);
        CHECK(value(std::string(150, '(') + "1" + std::string(150, ')')) == 1);

        std::string chain = "1";
        for (int i = 1; i < 200'000; ++i)
            chain += "+1";
        CHECK(value(chain) == 200'000);
    }

    TEST_CASE("sides are what stands above and below the fraction line") {
        using Names = std::vector<std::string>;
        CHECK(parsed("100 * misses / refs").sides().numerator == Names{"misses"});
        CHECK(parsed("100 * misses / refs").sides().denominator == Names{"refs"});
        CHECK(parsed("switches / (task_clock / 1e9)").sides().denominator == Names{"task_clock"});
        CHECK(parsed("a / b / c").sides().denominator == Names{"b", "c"});
        CHECK(parsed("a * (b / c)").sides().numerator == Names{"a", "b"});
        CHECK(parsed("100 * max(0, a - b) / slots").sides().numerator == Names{"a", "b"});
        CHECK(parsed("a / b + c / d").sides().numerator == Names{"a", "b", "c", "d"});
        CHECK(parsed("a / b + c / d").sides().denominator.empty());
        CHECK(parsed("a - b").sides().numerator == Names{"a", "b"});
        CHECK(parsed("-a / b").sides().denominator == Names{"b"});
        CHECK(parsed("5").sides().numerator.empty());
    }
}
