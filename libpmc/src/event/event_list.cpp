#include "event/event_list.hpp"

#include "table/characters.hpp"

#include <algorithm>
#include <utility>

namespace pmc {

namespace {

constexpr std::size_t longest_list = 65536;
constexpr std::size_t most_items = 1000;
constexpr std::string_view modifiers_hint = "the modifiers are u (user mode), k (kernel mode) and uk (both)";

constexpr bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr bool is_printable(char c) noexcept {
    return c >= ' ' && c <= '~';
}

std::optional<Mode> mode_of(std::string_view modifiers) noexcept {
    if (modifiers == "u")
        return Mode::user;
    if (modifiers == "k")
        return Mode::kernel;
    if (modifiers == "uk" || modifiers == "ku")
        return Mode::user_kernel;
    return std::nullopt;
}

std::string_view letters_of(Mode mode) noexcept {
    switch (mode) {
    case Mode::user:
        return "u";
    case Mode::kernel:
        return "k";
    case Mode::user_kernel:
        break;
    }
    return "uk";
}

/// Where "name:u" has its modifier's colon; npos if the text after the last colon is no modifier. After "::" stands an
/// event of libpfm4, whatever it is called.
std::size_t modifier_colon(std::string_view name) noexcept {
    const std::size_t colon = name.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || name[colon - 1] == ':' || !mode_of(name.substr(colon + 1)))
        return std::string_view::npos;
    return colon;
}

/// A recursive descent over the list. A step that fails leaves its message in error_ and returns false.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Expected<std::vector<ListItem>> parse() {
        if (!check_bytes() || !parse_items())
            return std::move(*error_);
        return std::move(items_);
    }

private:
    [[nodiscard]] bool at_end() const noexcept { return pos_ == text_.size(); }
    [[nodiscard]] bool at(char c) const noexcept { return !at_end() && text_[pos_] == c; }

    void skip_space() noexcept {
        while (!at_end() && is_space(text_[pos_]))
            ++pos_;
    }

    bool fail(std::string what, std::size_t offset, std::string hint = {}) {
        error_ = syntax_error("event list: " + std::move(what), text_, offset, std::move(hint));
        return false;
    }

    bool check_bytes() {
        if (text_.size() > longest_list)
            return fail("longer than 64 KiB", longest_list);
        const auto bad = std::ranges::find_if(text_, [](char c) { return !is_printable(c) && !is_space(c); });
        if (bad != text_.end())
            return fail("a byte that no name has", static_cast<std::size_t>(bad - text_.begin()));
        return true;
    }

    bool count_item(std::size_t offset) { return ++count_ <= most_items || fail("more than 1000 items", offset); }

    bool parse_items() {
        skip_space();
        if (at_end())
            return fail("it is empty", pos_, "name at least one event or metric");
        while (true) {
            if (!parse_item())
                return false;
            skip_space();
            if (at_end())
                return true;
            if (!at(','))
                return fail_after_item();
            ++pos_;
        }
    }

    bool fail_after_item() {
        if (at('}'))
            return fail("'}' without '{'", pos_);
        return fail("expected ',' before this", pos_);
    }

    bool parse_item() {
        skip_space();
        if (at('{'))
            return parse_group();
        if (starts_definition())
            return parse_definition();
        NameItem name;
        if (!parse_name(name))
            return false;
        items_.emplace_back(std::move(name));
        return true;
    }

    bool parse_group() {
        GroupItem group;
        group.offset = pos_++;
        while (true) {
            skip_space();
            if (at_end())
                return fail("'{' is not closed", group.offset);
            if (at('{'))
                return fail("a group can't stand in a group", pos_);
            if (starts_definition())
                return fail("a formula can't stand in a group", pos_, "define it outside the braces");
            NameItem name;
            if (!parse_name(name))
                return false;
            group.names.push_back(std::move(name));
            skip_space();
            if (at_end())
                return fail("'{' is not closed", group.offset);
            const bool closed = at('}');
            if (!closed && !at(','))
                return fail("expected ',' or '}' before this", pos_);
            ++pos_;
            if (closed)
                break;
        }
        if (!parse_group_modifier(group))
            return false;
        items_.emplace_back(std::move(group));
        return true;
    }

    bool parse_group_modifier(GroupItem& group) {
        if (!at(':'))
            return true;
        const std::size_t begin = ++pos_;
        while (!at_end() && !at(',') && !is_space(text_[pos_]))
            ++pos_;
        const std::optional<Mode> mode = mode_of(text_.substr(begin, pos_ - begin));
        if (!mode)
            return fail("expected a modifier after the group's ':'", begin, std::string(modifiers_hint));
        for (NameItem& name : group.names) {
            if (name.mode)
                continue;
            name.mode = mode;
            if (!name.text.ends_with('/'))
                name.written += ':';
            name.written += letters_of(*mode);
        }
        return true;
    }

    /// Whether "ident =" stands here.
    [[nodiscard]] bool starts_definition() const noexcept {
        if (at_end() || !is_lower(text_[pos_]))
            return false;
        const std::size_t end = std::min(end_of_identifier(), text_.size());
        const std::size_t next = std::min(text_.find_first_not_of(" \t\r\n", end), text_.size());
        return next < text_.size() && text_[next] == '=';
    }

    [[nodiscard]] std::size_t end_of_identifier() const noexcept {
        return text_.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", pos_);
    }

    bool parse_definition() {
        DefinitionItem definition;
        definition.offset = pos_;
        if (!count_item(pos_))
            return false;
        definition.name = text_.substr(pos_, end_of_identifier() - pos_);
        pos_ = text_.find('=', pos_) + 1;
        skip_space();
        definition.formula_offset = pos_;
        if (!skip_formula())
            return false;
        std::string_view formula = text_.substr(definition.formula_offset, pos_ - definition.formula_offset);
        while (!formula.empty() && is_space(formula.back()))
            formula.remove_suffix(1);
        if (formula.empty())
            return fail("expected a formula after '='", definition.formula_offset);
        definition.formula = formula;
        items_.emplace_back(std::move(definition));
        return true;
    }

    /// To the comma that ends a formula. A slash divides here: it does not quote.
    bool skip_formula() {
        std::size_t depth = 0;
        std::size_t opened = 0;
        for (; !at_end() && (depth > 0 || !at(',')); ++pos_) {
            if (at('(')) {
                if (depth++ == 0)
                    opened = pos_;
            } else if (at(')')) {
                if (depth-- == 0)
                    return fail("')' without '('", pos_);
            } else if (at('`') && !skip_to('`')) {
                return false;
            }
        }
        return depth == 0 || fail("'(' is not closed", opened);
    }

    /// From an opening quote to its partner.
    bool skip_to(char close) {
        const std::size_t partner = text_.find(close, pos_ + 1);
        if (partner == std::string_view::npos)
            return fail(std::string("'") + close + "' is not closed", pos_);
        pos_ = partner;
        return true;
    }

    bool parse_name(NameItem& item) {
        item.offset = pos_;
        if (!count_item(pos_))
            return false;
        std::size_t closing_slash = std::string_view::npos;
        for (; !at_end() && !at(',') && !at('}') && !is_space(text_[pos_]); ++pos_) {
            switch (text_[pos_]) {
            case '/':
                if (closing_slash != std::string_view::npos)
                    return fail_after_slash(closing_slash + 1);
                if (pos_ == item.offset)
                    return fail("expected a PMU's name before '/'", pos_);
                if (!skip_to('/'))
                    return false;
                closing_slash = pos_;
                break;
            case '(':
                if (!skip_parentheses())
                    return false;
                break;
            case ')':
                return fail("')' without '('", pos_);
            case '{':
                return fail("expected ',' before '{'", pos_);
            case '=': // libpfm4 has it in its attributes: "X:c=2"
                if (text_.substr(item.offset, pos_ - item.offset).find(':') == std::string_view::npos)
                    return fail("expected a name of small letters, digits and '_' before '='", item.offset);
                break;
            case '`':
                return fail("backquotes belong in a formula", pos_, "write the name without them, or name = formula");
            default:
                break;
            }
        }
        if (pos_ == item.offset)
            return fail_no_name();
        item.written = text_.substr(item.offset, pos_ - item.offset);
        return closing_slash == std::string_view::npos ? split_modifier(item)
                                                       : split_modifier_after_slash(item, closing_slash);
    }

    bool skip_parentheses() {
        const std::size_t opened = pos_;
        std::size_t depth = 0;
        for (; !at_end(); ++pos_) {
            if (at('('))
                ++depth;
            else if (at(')') && --depth == 0)
                return true;
        }
        return fail("'(' is not closed", opened);
    }

    bool fail_no_name() {
        const std::size_t before = pos_ == 0 ? std::string_view::npos : text_.find_last_not_of(" \t\r\n", pos_ - 1);
        if (before == std::string_view::npos)
            return fail("expected a name", pos_);
        return fail(std::string("expected a name after '") + text_[before] + "'", pos_);
    }

    bool fail_after_slash(std::size_t offset) {
        return fail("expected ',' or a modifier after the closing '/'", offset, std::string(modifiers_hint));
    }

    bool split_modifier_after_slash(NameItem& item, std::size_t closing_slash) {
        std::size_t begin = closing_slash + 1;
        item.text = text_.substr(item.offset, begin - item.offset);
        if (begin == pos_)
            return true;
        if (text_[begin] == ':')
            ++begin;
        item.mode = mode_of(text_.substr(begin, pos_ - begin));
        return item.mode.has_value() || fail_after_slash(begin);
    }

    bool split_modifier(NameItem& item) {
        if (item.written.ends_with(':'))
            return fail("expected a modifier after ':'", pos_, std::string(modifiers_hint));
        item.text = item.written;
        const std::size_t colon = modifier_colon(item.text);
        if (colon == std::string_view::npos)
            return true;
        item.mode = mode_of(std::string_view(item.text).substr(colon + 1));
        item.text.resize(colon);
        if (modifier_colon(item.text) != std::string_view::npos)
            return fail("two modifiers", item.offset + colon, "write one: :u, :k or :uk");
        return true;
    }

    std::string_view text_;
    std::size_t pos_ = 0;
    std::size_t count_ = 0;
    std::vector<ListItem> items_;
    std::optional<Error> error_;
};

} // namespace

Expected<std::vector<ListItem>> parse_event_list(std::string_view list) {
    return Parser(list).parse();
}

} // namespace pmc
