#include <pmc/count.hpp>
#include <pmc/error.hpp>

namespace pmc {
namespace {

// Neither double nor 64 bits hold raw × enabled: a day in ns times a day of cycles needs 94 bits.
__extension__ using Wide = unsigned __int128;

} // namespace

const char* to_string(State state) noexcept {
    switch (state) {
    case State::counted:
        return "counted";
    case State::not_counted:
        return "not counted";
    case State::not_available:
        return "not available";
    }
    return "not counted";
}

double scaled(std::uint64_t raw, std::uint64_t enabled_ns, std::uint64_t running_ns) noexcept {
    if (running_ns == 0)
        return 0.0;
    if (running_ns >= enabled_ns)
        return static_cast<double>(raw);
    const Wide product = Wide{raw} * enabled_ns;
    const Wide whole = product / running_ns;
    const auto rest = static_cast<std::uint64_t>(product % running_ns);
    return static_cast<double>(whole) + static_cast<double>(rest) / static_cast<double>(running_ns);
}

double Count::value() const {
    if (state_ == State::not_available)
        throw Error(ErrorKind::not_available, Stage::verify, "count: not available here, so it has no value",
                    "ask has_value() first, or use value_or()");
    if (state_ == State::not_counted)
        throw Error(ErrorKind::not_available, Stage::verify,
                    "count: not counted: its counter was never on the PMU, so it has no value",
                    "ask has_value() first, or use value_or()");
    return value_or(0.0);
}

double Count::value_or(double fallback) const noexcept {
    if (state_ != State::counted)
        return fallback;
    // Between two user reads no time may have passed: nothing was lost then, and there is nothing to scale.
    return running_ns_ >= enabled_ns_ ? static_cast<double>(raw_) : scaled(raw_, enabled_ns_, running_ns_);
}

} // namespace pmc
