#pragma once

#include <pmc/error.hpp>

#include <utility>
#include <variant>

namespace pmc {

/// A value, or the Error that says why there is none. (std::expected comes only with C++23.)
///
///     auto group = pmc::CounterGroup::open({"cycles", "instructions"});
///     if (!group) { log(group.error().what()); return; }
///     group->read();
template <typename T>
class [[nodiscard]] Expected {
public:
    Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Expected(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws the Error if there is none.
    T& value() & {
        if (!has_value())
            throw error();
        return *std::get_if<0>(&state_);
    }
    const T& value() const& { return const_cast<Expected*>(this)->value(); }
    T&& value() && { return std::move(value()); }

    /// The value, unchecked: only after has_value().
    T& operator*() & noexcept { return *std::get_if<0>(&state_); }
    const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
    T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// The error, unchecked: only when !has_value().
    Error& error() & noexcept { return *std::get_if<1>(&state_); }
    const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
    Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

private:
    std::variant<T, Error> state_;
};

} // namespace pmc
