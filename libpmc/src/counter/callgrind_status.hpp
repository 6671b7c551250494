#pragma once

#include "kernel/callgrind.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// What callgrind says of its status, for the machine to read:
///
///     events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim
///     part: 0
///     threads: 1 2
///     current-tid: 2
///     events-1: 124315 27050 11177 996
///     frames-1: 5
///     events-2: 2124329 27053
///
/// with lines between, and zeros at the end of a line left out. A thread's counts are all that it did since the last
/// dump, of which there were as many as `part` says. These are arithmetic only: kernel/callgrind.hpp brings the text.
namespace pmc {

/// The counts, in the order of the line `events:`.
inline constexpr std::size_t max_callgrind_events = 16;
using CallgrindCounts = std::array<std::uint64_t, max_callgrind_events>;

/// The last line that was begun, put together of pieces. Of a long one only its beginning is kept: names of functions
/// are no matter here.
class LineBuffer {
public:
    /// Takes the piece's text up to the end of a line, and that off the piece; nothing: the line goes on.
    std::optional<std::string_view> next(std::string_view& piece) noexcept;

private:
    std::array<char, 320> text_{}; // 13 counts of 20 digits and what stands before them
    std::size_t size_ = 0;
    bool is_whole_ = false; ///< the line was handed out: a new one begins
};

/// Finds a thread's counts.
class CallgrindThread final : public kernel::StatusReader {
public:
    explicit CallgrindThread(std::uint32_t thread) noexcept : thread_(thread) {}

    bool take(std::string_view piece) noexcept override;
    [[nodiscard]] bool has_counts() const noexcept { return has_counts_; }
    [[nodiscard]] const CallgrindCounts& counts() const noexcept { return counts_; }
    [[nodiscard]] std::uint64_t dumps() const noexcept { return dumps_; }

private:
    std::uint32_t thread_;
    LineBuffer line_;
    bool is_within_ = false; ///< an answer has begun: what comes before may have lost its beginning
    bool has_counts_ = false;
    CallgrindCounts counts_{};
    std::uint64_t dumps_ = 0;
};

/// Finds which thread asked, and what is counted.
class CallgrindCaller final : public kernel::StatusReader {
public:
    bool take(std::string_view piece) noexcept override;
    /// The number of the thread that asked; 0 if answers to several were there, and it could be any of them.
    [[nodiscard]] std::uint32_t thread() const noexcept { return answers_ == 1 ? thread_ : 0; }
    [[nodiscard]] bool has_answer() const noexcept { return answers_ > 0; }
    /// The names of what is counted: "Ir Dr Dw".
    [[nodiscard]] std::string_view events() const noexcept { return {events_.data(), events_size_}; }

private:
    LineBuffer line_;
    std::uint32_t thread_ = 0;
    std::size_t answers_ = 0;
    std::array<char, 128> events_{};
    std::size_t events_size_ = 0;
};

} // namespace pmc
