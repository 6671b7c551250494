#pragma once

#include <pmc/pmc.h>
#include <pmc/region.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

/// A Region that has its name, in a list.
struct pmc_region {
    explicit pmc_region(const char* text) : name(text), region(name.c_str()) {}

    const std::string name;
    pmc::Region region;
    pmc_region* next = nullptr;
};

namespace pmc::c {

/// The passages through regions that a thread has open: what pmc::Scope objects on its stack are in C++.
class Passages {
public:
    struct Passage {
        pmc_region* region;
        std::uint64_t token; ///< 0: it is not measured
    };

    constexpr Passages() noexcept = default;
    Passages(const Passages&) = delete;
    Passages& operator=(const Passages&) = delete;
    ~Passages();

    /// Room for one more; false: there is none.
    bool make_room() noexcept { return size_ < capacity_ || grow(); }
    /// After make_room().
    void push(Passage passage) noexcept { open_[size_++] = passage; }

    [[nodiscard]] bool innermost_is(const pmc_region& region) const noexcept {
        return size_ > 0 && open_[size_ - 1].region == &region;
    }
    [[nodiscard]] const pmc_region& innermost() const noexcept { return *open_[size_ - 1].region; }
    void end_innermost() noexcept {
        const Passage& passage = open_[--size_];
        if (passage.token != 0)
            detail::end_scope(passage.token, passage.region->region);
    }
    [[nodiscard]] bool hold(const pmc_region& region) const noexcept;

private:
    bool grow() noexcept;

    Passage* open_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace pmc::c
