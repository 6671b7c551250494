#include <pmc/result.hpp>

namespace pmc {

double MetricValue::value() const {
    if (!has_value())
        throw Error(Stage::read, id, reason);
    return number;
}

} // namespace pmc
