#pragma once

#include <nlohmann/json.hpp>

#include <pmc/error.hpp>

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A user's JSON document, read with places: an error names the file, the keys down to the place, and what is wrong
/// there. Everything here throws Error; with_document() is where it ends.
namespace pmc::user {

using Json = nlohmann::ordered_json;

/// The content of a file. Errors: io; format (too large).
std::string read_document(const std::string& path);

/// Stricter than JSON itself, because it is written by hand: no key twice in an object, and limits on depth and size
/// that keep hostile input cheap. `file` is for messages.
Json parse_document(std::string_view text, std::string_view file);

/// A value of the document and where it stands: "metrics.x.variants[0].values". Texts are views into the document.
class Place {
public:
    Place(const Json& json, std::string_view file, std::string path = {})
        : json_(&json), file_(file), path_(std::move(path)) {}

    [[noreturn]] void fail(const std::string& what, std::string hint = {}) const;

    [[nodiscard]] bool has(std::string_view key) const;
    [[nodiscard]] bool is_null() const noexcept { return json_->is_null(); }
    [[nodiscard]] bool is_list() const noexcept { return json_->is_array(); }
    [[nodiscard]] bool is_text() const noexcept { return json_->is_string(); }

    /// A member that is known to be there.
    [[nodiscard]] Place at(std::string_view key) const;
    [[nodiscard]] std::vector<std::pair<std::string_view, Place>> members() const;
    [[nodiscard]] std::vector<Place> items() const;
    /// An object that has these keys only, and has the required ones.
    void check_keys(std::span<const std::string_view> allowed,
                    std::initializer_list<std::string_view> required = {}) const;

    /// One line, not empty.
    [[nodiscard]] std::string_view text() const;
    [[nodiscard]] std::string_view text(std::string_view key, std::string_view fallback = {}) const;
    [[nodiscard]] std::string_view choice(std::span<const std::string_view> choices) const;
    [[nodiscard]] std::string_view choice(std::string_view key, std::span<const std::string_view> choices,
                                          std::string_view fallback) const;
    /// A list of texts, none twice; empty if the key is not there.
    [[nodiscard]] std::vector<std::string_view> texts(std::string_view key) const;
    [[nodiscard]] double number() const;
    [[nodiscard]] double number(std::string_view key, double fallback) const;
    /// 0 to 64.
    [[nodiscard]] unsigned count(std::string_view key, unsigned fallback) const;
    [[nodiscard]] bool flag() const;
    [[nodiscard]] bool flag(std::string_view key) const;

private:
    const Json* json_;
    std::string_view file_;
    std::string path_;
};

/// "a, b, c".
std::string joined(std::span<const std::string_view> texts);

} // namespace pmc::user
