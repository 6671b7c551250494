#include "table/document.hpp"

#include "user_text.hpp"

#include <doctest/doctest.h>

using namespace pmc;
using pmc::test::check_refusal;
using pmc::test::over_builtin;
using pmc::test::refusal;

namespace {

/// The document as it stands, ' and all.
Expected<Tables> raw(std::string_view text) {
    return Tables::builtin().with_document(text, "mine.json");
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += part;
    return all;
}

} // namespace

TEST_SUITE("document") {
    TEST_CASE("what is not JSON says at which line and column") {
        check_refusal("", "not JSON: line 1, column 1", "");
        check_refusal("{\n  'roles': {,}}", "not JSON: line 2, column 13", "','");
        check_refusal("{} {}", "not JSON: ", "");
        check_refusal("{'roles': {}} // mine", "not JSON: ", "");
        check_refusal("/* mine */ {}", "not JSON: ", "");
        check_refusal("{'roles': {},}", "not JSON: ", "");
        check_refusal("{roles: {}}", "not JSON: ", "");
        check_refusal("{'roles': NaN}", "not JSON: ", "");
        check_refusal("{'roles'", "not JSON: ", "");
    }

    TEST_CASE("bytes that are no text are refused cleanly") {
        using namespace std::string_view_literals;
        for (const std::string_view bytes :
             {"\0"sv, "{\"roles\":\0{}}"sv, "{\"ro\0les\":{}}"sv, "\xff\xfe{}"sv, "{\"roles\xff\":{}}"sv, "\xef\xbb"sv,
              "\x7f"
              "ELF\x02\x01"sv}) {
            const Expected<Tables> tables = raw(bytes);
            REQUIRE(!tables);
            CHECK(tables.error().message().starts_with("mine.json: not JSON: line 1, column "));
            CHECK(test::is_printable(tables.error().message()));
        }
        check_refusal(R"({'roles': {'x': {'title': 'a\u0000b'}}})", "roles.x.title: ", "control character");
        check_refusal(R"({'roles': {'x': {'title': 'a\u001b[2Jb'}}})", "roles.x.title: ", "control character");
        check_refusal(R"({'roles': {'x': {'title': 'a\u009b2Jb'}}})", "roles.x.title: ", "control character");
        check_refusal(R"({'roles': {'x\u001b[2J': {'title': 'a'}}})", "roles.x?[2J: ", "identifier");
        CHECK(over_builtin("\xef\xbb\xbf{'roles': {'x': {'title': 'Größe …'}}}"));
    }

    TEST_CASE("a key that stands twice is an error, wherever it does") {
        check_refusal("{'roles': {}, 'roles': {}}", "the key 'roles' stands twice", "");
        check_refusal("{'roles': {'a': {'title': 'a'}, 'a': {'title': 'b'}}}", "roles: ", "'a' stands twice");
        check_refusal("{'metrics': {'a': {'variants': [{}, {'let': {'b': 1, 'b': 2}}]}}}",
                      "metrics.a.variants[1].let: ", "'b' stands twice");
        CHECK(over_builtin("{'roles': {'a': {'title': 'a'}, 'b': {'title': 'a'}}}"));
    }

    TEST_CASE("numbers that no double can have") {
        check_refusal("{'cpus': {'neoverse-n1': {'width': 1e400}}}", "cpus.neoverse-n1.width: ", "out of range");
        check_refusal("{'cpus': {'neoverse-n1': {'constants': {'sve_units': -1e999}}}}",
                      "cpus.neoverse-n1.constants.sve_units: ", "out of range");
    }

    TEST_CASE("thousands of brackets, a million keys, megabytes of text: refused, and soon") {
        for (const std::string_view bracket : {"[", "{\"a\":", "[{\"a\":"})
            CHECK(refusal(repeated(bracket, 100'000)).find("nested more than 64 deep") != std::string::npos);
        CHECK(refusal(repeated("[", 60) + repeated("]", 60)) == "must be an object");

        std::string keys = "{";
        for (int i = 0; i < 200'000; ++i)
            keys += "\"k" + std::to_string(i) + "\":1,";
        CHECK(refusal(keys).find("more than 4096 keys in one object") != std::string::npos);
        CHECK(refusal("{'constants': [" + repeated("1,", 100'000)).find("more than 4096 items") != std::string::npos);
        CHECK(refusal(std::string((4 << 20) + 1, ' ')) == "larger than 4 MiB");
        check_refusal("{'roles': {'a': {'title': '" + std::string(5000, 'x') + "'}}}", "roles.a.title: ", "4095 bytes");
        check_refusal("{'roles': {'" + std::string(1'000'000, 'x') + "': 1}}", "roles.xxx", "must be an object");
        check_refusal("{'" + std::string(1'000'000, 'x') + "': 1}", "there is no key 'xxx",
                      "roles, constants, metrics, cpus");
    }

    TEST_CASE("the document is an object with at least one of its parts") {
        for (const char* text : {"[]", "1", "null", "'roles'", "true"})
            CHECK(refusal(text) == "must be an object");
        check_refusal("{}", "has none of the keys roles, constants, metrics, cpus", "");
        check_refusal("{'role': {}}", "there is no key 'role' here", "roles, constants, metrics, cpus");
        check_refusal("{'roles': []}", "roles: ", "must be an object");
        check_refusal("{'constants': {}}", "constants: ", "must be a list");
        check_refusal("{'metrics': null}", "metrics: ", "must be an object");
        check_refusal("{'cpus': 'zen4'}", "cpus: ", "must be an object");
        CHECK(over_builtin("{'roles': {}}"));
    }

    TEST_CASE("a file that can't be read says why") {
        for (const auto& [path, error] :
             {std::pair{"/no/such/file.json", ENOENT}, std::pair{"/", EISDIR}, std::pair{"/proc/self/mem", EIO}}) {
            const Expected<Tables> tables = Tables::builtin().with_file(path);
            REQUIRE(!tables);
            CHECK(tables.error().kind() == ErrorKind::io);
            CHECK(tables.error().error_number() == error);
            CHECK(tables.error().message() == std::string("cannot read ") + path + ": " + strerrordesc_np(error));
            CHECK_FALSE(tables.error().hint().empty());
        }
        const Expected<Tables> endless = Tables::builtin().with_file("/dev/zero");
        REQUIRE(!endless);
        CHECK(endless.error().message() == "/dev/zero: larger than 4 MiB");
        const Expected<Tables> empty = Tables::builtin().with_file("/dev/null");
        REQUIRE(!empty);
        CHECK(empty.error().message().starts_with("/dev/null: not JSON: line 1, column 1"));
    }
}
