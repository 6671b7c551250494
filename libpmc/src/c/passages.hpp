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

/// The passages through regions that a thread has open: what pmc::Scope objects on its stack are in C++. Not destroyed
/// with the thread, so that it costs nothing to get at; what it allocates is.
class Passages {
public:
    struct Passage {
        pmc_region* region;
        std::uint64_t token; ///< 0: it is not measured
    };

    /// The calling thread's.
    static Passages& own() noexcept { return own_; }

    /// Room for one more; false: there is none, and its end will find nothing either.
    bool make_room() noexcept {
        if (homeless_ == 0 && (size_ < capacity_ || grow()))
            return true;
        ++homeless_;
        return false;
    }
    /// After make_room().
    void push(Passage passage) noexcept { open_[size_++] = passage; }
    /// Ends the innermost passage if it is through this region.
    bool pop(const pmc_region& region) noexcept {
        if (homeless_ > 0) { // those that found no room are the innermost
            --homeless_;
            return true;
        }
        if (size_ == 0 || open_[size_ - 1].region != &region)
            return false;
        end(open_[--size_]);
        return true;
    }
    /// Ends the innermost passage through this region, and with it those that were begun within it and never ended:
    /// they are dropped. Gives the region of the first of these; null: none of this region is open.
    const pmc_region* end_with_all_within(const pmc_region& region) noexcept;

private:
    [[gnu::cold]] bool grow() noexcept;
    void release() noexcept;
    static void end(Passage passage) noexcept {
        if (passage.token != 0)
            detail::end_scope(passage.token, passage.region->region);
    }

    [[gnu::tls_model("initial-exec")]] static constinit thread_local Passages own_;

    Passage* open_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    std::size_t homeless_ = 0; ///< open, but there was no room for them
    bool is_over_ = false;     ///< the thread is ending
};

} // namespace pmc::c
