#pragma once

#include "record/result_json.hpp"

#include <pmc/error.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace pmc::record {

/// A place in the document, so that an error can name it: "samples[0].events[2].raw".
class Place {
public:
    Place(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {}

    [[noreturn]] void fail(const std::string& expected) const {
        throw Error(ErrorKind::format, Stage::document,
                    "not a pmcstat result: " + (path_.empty() ? "the document" : path_) + ": expected " + expected,
                    "give a file that pmcstat --format json wrote");
    }

    [[nodiscard]] bool has(const char* key) const { return json_->is_object() && json_->contains(key); }
    [[nodiscard]] bool is_null() const { return json_->is_null(); }

    [[nodiscard]] Place at(const char* key) const {
        if (!json_->is_object())
            fail("an object");
        const auto found = json_->find(key);
        if (found == json_->end())
            fail(std::string("the key \"") + key + '"');
        return {*found, path_.empty() ? key : path_ + '.' + key};
    }

    [[nodiscard]] std::vector<Place> elements() const {
        if (!json_->is_array())
            fail("an array");
        std::vector<Place> places;
        for (std::size_t i = 0; i < json_->size(); ++i)
            places.emplace_back((*json_)[i], path_ + '[' + std::to_string(i) + ']');
        return places;
    }

    [[nodiscard]] std::string text() const {
        if (!json_->is_string())
            fail("a string");
        return json_->get<std::string>();
    }
    [[nodiscard]] std::string text(const char* key, const char* fallback = "") const {
        return has(key) ? at(key).text() : fallback;
    }

    [[nodiscard]] double number() const {
        if (!json_->is_number())
            fail("a number");
        return json_->get<double>();
    }
    [[nodiscard]] double number(const char* key, double fallback) const {
        return has(key) ? at(key).number() : fallback;
    }

    [[nodiscard]] std::uint64_t count() const {
        if (!json_->is_number_unsigned())
            fail("a whole number that is not negative");
        return json_->get<std::uint64_t>();
    }

    [[nodiscard]] std::uint64_t count(const char* key, std::uint64_t fallback) const {
        return has(key) ? at(key).count() : fallback;
    }

    [[nodiscard]] int integer() const {
        if (!json_->is_number_integer())
            fail("a whole number");
        // A number above int64's range is stored unsigned, and would come out negative.
        if (json_->is_number_unsigned() && json_->get<std::uint64_t>() > std::numeric_limits<int>::max())
            fail("a number that fits 32 bits");
        const auto value = json_->get<std::int64_t>();
        if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
            fail("a number that fits 32 bits");
        return static_cast<int>(value);
    }
    [[nodiscard]] int integer(const char* key, int fallback) const { return has(key) ? at(key).integer() : fallback; }

    /// At most what an int holds; 0 where it is left out.
    [[nodiscard]] unsigned number_of(const char* key) const {
        const int value = integer(key, 0);
        if (value < 0)
            at(key).fail("a number that is not negative");
        return static_cast<unsigned>(value);
    }

    /// Not negative; `fallback` may be.
    [[nodiscard]] std::int64_t whole(const char* key, std::int64_t fallback) const {
        if (!has(key))
            return fallback;
        const std::uint64_t value = at(key).count();
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            at(key).fail("a number that fits 63 bits");
        return static_cast<std::int64_t>(value);
    }

    [[nodiscard]] bool flag(const char* key) const {
        if (!has(key))
            return false;
        if (!json_->at(key).is_boolean())
            at(key).fail("true or false");
        return json_->at(key).get<bool>();
    }

    [[nodiscard]] std::vector<std::string> texts(const char* key) const {
        std::vector<std::string> list;
        if (has(key))
            for (const Place& one : at(key).elements())
                list.push_back(one.text());
        return list;
    }

private:
    const Json* json_;
    std::string path_;
};

} // namespace pmc::record
