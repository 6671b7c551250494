#include "counter/callgrind_status.hpp"

#include <algorithm>
#include <charconv>

namespace pmc {
namespace {

constexpr std::string_view events_label = "events: ";
constexpr std::string_view dumps_label = "part: ";
constexpr std::string_view caller_label = "current-tid: ";
constexpr std::string_view thread_label = "events-";

/// Takes a number off the text's beginning; nothing: there is none, or it is too large.
template <class Number>
std::optional<Number> take_number(std::string_view& text) noexcept {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{})
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool take_label(std::string_view& text, std::string_view label) noexcept {
    if (!text.starts_with(label))
        return false;
    text.remove_prefix(label.size());
    return true;
}

/// Numbers with one space between, and nothing else.
bool read_counts(std::string_view text, CallgrindCounts& counts) noexcept {
    counts = {};
    for (std::size_t i = 0;; ++i) {
        const std::optional<std::uint64_t> count = take_number<std::uint64_t>(text);
        if (!count || i == counts.size())
            return false;
        counts[i] = *count;
        if (text.empty())
            return true;
        if (!take_label(text, " "))
            return false;
    }
}

} // namespace

std::optional<std::string_view> LineBuffer::next(std::string_view& piece) noexcept {
    if (is_whole_)
        size_ = 0;
    is_whole_ = false;
    const std::size_t end = std::min(piece.find('\n'), piece.size());
    const std::size_t taken = std::min(end, text_.size() - size_);
    std::copy_n(piece.begin(), taken, text_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += taken;
    is_whole_ = end < piece.size();
    piece.remove_prefix(is_whole_ ? end + 1 : end);
    return is_whole_ ? std::optional{std::string_view{text_.data(), size_}} : std::nullopt;
}

bool CallgrindThread::take(std::string_view piece) noexcept {
    while (std::optional<std::string_view> line = line_.next(piece)) {
        if (line->starts_with(events_label)) {
            is_within_ = true;
            continue;
        }
        if (take_label(*line, dumps_label))
            dumps_ = take_number<std::uint64_t>(*line).value_or(0);
        if (!is_within_ || !take_label(*line, thread_label) || take_number<std::uint32_t>(*line) != thread_ ||
            !take_label(*line, ": "))
            continue;
        has_counts_ = read_counts(*line, counts_);
        return false;
    }
    return true;
}

bool CallgrindCaller::take(std::string_view piece) noexcept {
    while (std::optional<std::string_view> line = line_.next(piece)) {
        if (take_label(*line, events_label)) {
            events_size_ = std::min(line->size(), events_.size());
            std::copy_n(line->begin(), events_size_, events_.begin());
        } else if (take_label(*line, caller_label)) {
            ++answers_;
            thread_ = take_number<std::uint32_t>(*line).value_or(0);
        }
    }
    return true; // to the end: who else has asked?
}

} // namespace pmc
