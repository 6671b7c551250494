#include "measure/declared_value.hpp"

#include "counter/reasons.hpp"

namespace pmc {

MeasuredValue declare(const EventCount& event) {
    MeasuredValue value{.name = event.name, .unit = event.unit, .core = event.core};
    value.state = event.count.state();
    value.reason = event.reason;
    value.is_asked = event.asked;
    value.is_event = true;
    return value;
}

MeasuredValue declare(const MetricValue& metric) {
    MeasuredValue value{.name = metric.id, .unit = metric.unit, .core = metric.core};
    value.state = metric.state;
    value.reason = metric.reason;
    value.is_asked = true;
    return value;
}

MeasuredValue declare_seconds(bool is_model) {
    MeasuredValue value{.name = "seconds", .unit = "s"};
    value.state = State::not_counted;
    if (is_model) {
        value.state = State::not_available;
        value.reason = not_modelled("the time is valgrind's, not the program's");
    }
    return value;
}

} // namespace pmc
