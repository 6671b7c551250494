#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <random>
#include <vector>

/// Made-up noise of what is measured again and again, the same in every test run.
namespace pmc::test {

class Noise {
public:
    explicit Noise(unsigned seed) : source_(seed) {}

    /// 2 % around 1.
    double normal() { return 1 + 0.02 * deviate_(source_); }
    /// A tail to the right: most are undisturbed, some are disturbed much.
    double skewed() { return 1 + 0.01 * std::exp(deviate_(source_)) + tail_(source_); }
    /// Two speeds, as after one alignment of the code or another.
    double bimodal() { return (second_(source_) ? 1.06 : 1.0) * (1 + 0.005 * deviate_(source_)); }

private:
    std::mt19937_64 source_;
    std::normal_distribution<double> deviate_;
    std::exponential_distribution<double> tail_{50};
    std::bernoulli_distribution second_{0.4};
};

using Kind = double (Noise::*)();

inline std::vector<double> noisy(Noise& noise, Kind kind, std::size_t count, double median) {
    std::vector<double> numbers(count);
    for (double& number : numbers)
        number = std::round(median * (noise.*kind)());
    return numbers;
}

} // namespace pmc::test
