#include "measure/moment.hpp"

#include <doctest/doctest.h>

#include <time.h>

using pmc::Disturbance;
using pmc::disturbance;
using pmc::Whereabouts;

TEST_SUITE("moment") {
    TEST_CASE("a run that stays on its CPU is not disturbed") {
        CHECK(disturbance({1, 20}, {1, 20}) == Disturbance::none);
    }

    TEST_CASE("a run that ends on another CPU was migrated, and that says more than that it was switched out") {
        CHECK(disturbance({1, 20}, {2, 20}) == Disturbance::migrated);
        CHECK(disturbance({1, 20}, {2, 22}) == Disturbance::migrated);
    }

    TEST_CASE("a run in which the thread left its CPU was switched out") {
        CHECK(disturbance({1, 20}, {1, 21}) == Disturbance::switched_out);
    }

    TEST_CASE("who sleeps leaves the CPU") {
        const Whereabouts before = Whereabouts::now();
        const timespec moment{0, 1'000'000};
        nanosleep(&moment, nullptr);
        CHECK(disturbance(before, Whereabouts::now()) != Disturbance::none);
        CHECK(before.cpu >= 0);
    }

    TEST_CASE("the clock goes forward") {
        const std::uint64_t before = pmc::monotonic_ns();
        CHECK(pmc::monotonic_ns() >= before);
    }
}
