#include "table/document.hpp"

#include "table/quote.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <unistd.h>

namespace pmc::user {
namespace {

constexpr std::size_t largest_file = std::size_t{4} << 20;
constexpr std::size_t deepest = 64;
/// nlohmann's objects that keep their order look keys up one after the other: a million of them would take hours.
constexpr std::size_t most_members = 4096;
constexpr std::size_t longest_text = 4095; // as the compiled-in tables have it
constexpr unsigned largest_count = 64;
constexpr std::string_view usual_hint = "docs/tables.md says what a table may hold";

Error format_error(std::string_view file, const std::string& path, const std::string& what, std::string hint) {
    return Error(ErrorKind::format, Stage::document, printable(file) + ": " + (path.empty() ? "" : path + ": ") + what,
                 hint.empty() ? std::string(usual_hint) : std::move(hint))
        .with_subject(std::string(file));
}

Error io_error(const std::string& path, int error) {
    const char* known = strerrordesc_np(error); // not translated, unlike strerror
    return Error(ErrorKind::io, Stage::document,
                 "cannot read " + printable(path) + ": " + (known != nullptr ? known : std::to_string(error)),
                 "give a file of JSON that may be read; " + std::string(usual_hint))
        .with_errno(error)
        .with_subject(path);
}

std::string with_key(const std::string& path, std::string_view key) {
    constexpr std::size_t longest = 60;
    const std::string shown = printable(key.substr(0, longest)) + (key.size() > longest ? "..." : "");
    return path.empty() ? shown : path + '.' + shown;
}

std::string with_index(const std::string& path, std::size_t index) {
    return path + '[' + std::to_string(index) + ']';
}

/// Looks on while the document is parsed, and ends it when a limit is passed.
class Watcher {
public:
    explicit Watcher(std::string_view file) : file_(file) {}

    void see(Json::parse_event_t event, const Json& parsed) {
        switch (event) {
        case Json::parse_event_t::object_start:
        case Json::parse_event_t::array_start:
            if (levels_.size() == deepest)
                fail("nested more than 64 deep");
            levels_.push_back({event == Json::parse_event_t::array_start});
            break;
        case Json::parse_event_t::object_end:
        case Json::parse_event_t::array_end:
            levels_.pop_back();
            count_item();
            break;
        case Json::parse_event_t::key:
            see_key(parsed.get_ref<const std::string&>());
            break;
        case Json::parse_event_t::value:
            count_item();
            break;
        }
    }

    [[nodiscard]] std::string path() const {
        std::string path;
        for (const Level& level : levels_) {
            if (level.is_list)
                path = with_index(path, level.items);
            else if (level.has_key)
                path = with_key(path, level.key);
        }
        return path;
    }

private:
    struct Level {
        bool is_list;
        bool has_key = false;
        std::size_t items = 0;
        std::string key = {};
        std::set<std::string> keys = {};
    };

    void see_key(const std::string& key) {
        Level& level = levels_.back();
        level.has_key = false;
        if (!level.keys.insert(key).second)
            fail("the key " + pmc::quoted(key) + " stands twice in one object");
        if (level.keys.size() > most_members)
            fail("more than 4096 keys in one object");
        level.key = key;
        level.has_key = true;
    }

    void count_item() {
        if (levels_.empty())
            return;
        Level& level = levels_.back();
        level.has_key = false;
        if (++level.items > most_members && level.is_list)
            fail("more than 4096 items in one list");
    }

    [[noreturn]] void fail(const std::string& what) const { throw format_error(file_, path(), what, {}); }

    std::string_view file_;
    std::vector<Level> levels_;
};

std::string line_and_column(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const std::size_t line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
    const std::size_t start = before.rfind('\n') + 1; // 0 if there is none
    return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - start + 1);
}

/// The part of the parser's message that says what it met there.
std::string detail_of(std::string_view message) {
    constexpr std::size_t longest = 120;
    const std::size_t start = message.find(" - ");
    return start == std::string_view::npos ? "" : ": " + printable(message.substr(start + 3, longest));
}

bool is_control(std::string_view text, std::size_t at) noexcept {
    const auto byte = static_cast<unsigned char>(text[at]);
    // U+0080 to U+009F, which terminals obey too, are C2 80 to C2 9F.
    const bool is_c1 = byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
    return byte < 0x20 || byte == 0x7f || is_c1;
}

} // namespace

std::string read_document(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        throw io_error(path, errno);
    std::string content;
    char buffer[16384];
    int error = 0;
    while (content.size() <= largest_file) {
        const ssize_t got = ::read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        error = got < 0 ? errno : 0;
        if (got <= 0)
            break;
        content.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(fd);
    if (error != 0)
        throw io_error(path, error);
    return content;
}

Json parse_document(std::string_view text, std::string_view file) {
    if (text.size() > largest_file)
        throw format_error(file, {}, "larger than 4 MiB", {});
    Watcher watcher(file);
    try {
        return Json::parse(text, [&watcher](int, Json::parse_event_t event, const Json& parsed) {
            watcher.see(event, parsed);
            return true;
        });
    } catch (const Json::parse_error& error) {
        throw format_error(file, {}, "not JSON: " + line_and_column(text, error.byte) + detail_of(error.what()),
                           "JSON has no comments, no comma after the last item, and texts in double quotes");
    } catch (const Json::out_of_range&) {
        throw format_error(file, watcher.path(), "the number is out of range", {});
    }
}

void Place::fail(const std::string& what, std::string hint) const {
    throw format_error(file_, path_, what, std::move(hint));
}

bool Place::has(std::string_view key) const {
    return json_->is_object() && json_->contains(std::string(key));
}

Place Place::at(std::string_view key) const {
    return {json_->at(std::string(key)), file_, with_key(path_, key)};
}

std::vector<std::pair<std::string_view, Place>> Place::members() const {
    if (!json_->is_object())
        fail("must be an object");
    std::vector<std::pair<std::string_view, Place>> members;
    members.reserve(json_->size());
    for (const auto& [key, value] : json_->get_ref<const Json::object_t&>())
        members.emplace_back(key, Place(value, file_, with_key(path_, key)));
    return members;
}

std::vector<Place> Place::items() const {
    if (!json_->is_array())
        fail("must be a list");
    std::vector<Place> items;
    items.reserve(json_->size());
    for (std::size_t i = 0; i < json_->size(); ++i)
        items.emplace_back((*json_)[i], file_, with_index(path_, i));
    return items;
}

void Place::check_keys(std::span<const std::string_view> allowed,
                       std::initializer_list<std::string_view> required) const {
    if (!json_->is_object())
        fail("must be an object");
    for (const auto& [key, value] : json_->get_ref<const Json::object_t&>()) {
        if (std::ranges::find(allowed, std::string_view(key)) == allowed.end())
            fail("there is no key " + pmc::quoted(key) + " here; the keys are " + joined(allowed));
    }
    for (const std::string_view key : required) {
        if (!has(key))
            fail("the key " + pmc::quoted(key) + " is missing");
    }
}

std::string_view Place::text() const {
    if (!json_->is_string())
        fail("must be a text");
    const std::string_view text = json_->get_ref<const std::string&>();
    if (text.find_first_not_of(' ') == std::string_view::npos)
        fail("must be a text that is not empty");
    if (text.size() > longest_text)
        fail("the text is longer than 4095 bytes");
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_control(text, i))
            fail("the text has a control character");
    }
    return text;
}

std::string_view Place::text(std::string_view key, std::string_view fallback) const {
    return has(key) ? at(key).text() : fallback;
}

std::string_view Place::choice(std::span<const std::string_view> choices) const {
    const std::string_view chosen = text();
    if (std::ranges::find(choices, chosen) == choices.end())
        fail(quoted(chosen) + " is none of " + joined(choices));
    return chosen;
}

std::string_view Place::choice(std::string_view key, std::span<const std::string_view> choices,
                               std::string_view fallback) const {
    return has(key) ? at(key).choice(choices) : fallback;
}

std::vector<std::string_view> Place::texts(std::string_view key) const {
    std::vector<std::string_view> texts;
    if (!has(key))
        return texts;
    std::set<std::string_view> seen;
    for (const Place& item : at(key).items()) {
        texts.push_back(item.text());
        if (!seen.insert(texts.back()).second)
            item.fail(quoted(texts.back()) + " stands twice");
    }
    return texts;
}

double Place::number() const {
    if (!json_->is_number())
        fail("must be a number");
    return json_->get<double>();
}

double Place::number(std::string_view key, double fallback) const {
    return has(key) ? at(key).number() : fallback;
}

unsigned Place::count(std::string_view key, unsigned fallback) const {
    if (!has(key))
        return fallback;
    const Place number = at(key);
    if (!number.json_->is_number_unsigned() || number.json_->get<std::uint64_t>() > largest_count)
        number.fail("must be a whole number from 0 to 64");
    return number.json_->get<unsigned>();
}

bool Place::flag() const {
    if (!json_->is_boolean())
        fail("must be true or false");
    return json_->get<bool>();
}

bool Place::flag(std::string_view key) const {
    return has(key) && at(key).flag();
}

std::string joined(std::span<const std::string_view> texts) {
    std::string all;
    for (const std::string_view text : texts)
        all.append(all.empty() ? "" : ", ").append(text);
    return all;
}

} // namespace pmc::user
