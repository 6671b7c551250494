// To be preloaded: the time of day is stepped by an hour, forth after 100 ms and back after another 100 ms, again and
// again. The other clocks go on.
#include <ctime>
#include <dlfcn.h>
#include <sys/time.h>

namespace {

using ClockGettime = int (*)(clockid_t, timespec*);

int real_clock(clockid_t clock, timespec* now) noexcept {
    static const auto real = reinterpret_cast<ClockGettime>(dlsym(RTLD_NEXT, "clock_gettime"));
    return real(clock, now);
}

time_t step() noexcept {
    constexpr time_t hour = 3600;
    timespec now{};
    real_clock(CLOCK_MONOTONIC, &now);
    return now.tv_nsec / 100'000'000 % 2 == 0 ? 0 : hour;
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    const int status = real_clock(clock, now);
    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += step();
    return status;
}

int gettimeofday(timeval* now, void* /*zone*/) noexcept {
    timespec precise{};
    clock_gettime(CLOCK_REALTIME, &precise);
    *now = {precise.tv_sec, precise.tv_nsec / 1000};
    return 0;
}

time_t time(time_t* copy) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (copy != nullptr)
        *copy = now.tv_sec;
    return now.tv_sec;
}
}
