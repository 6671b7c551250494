#pragma once

#include <string>

namespace cli {

/// What pmcstat itself costs: its own CPU time (not the command's, nor what the kernel does when it switches between
/// what is counted).
class Overhead {
public:
    /// Counting begins now.
    Overhead() noexcept;

    /// A sentence, while the counters are open. `intervals`: how many were reported.
    [[nodiscard]] std::string sentence(int intervals) const;

private:
    double before_s_;
};

} // namespace cli
