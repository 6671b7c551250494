#pragma once

#include <pmc/check.hpp>
#include <pmc/expected.hpp>
#include <pmc/result.hpp>
#include <pmc/value_series.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// From Results to verdicts. With several core types gates judge the sum of what an event counted on each, and a metric
/// on each that it ran on.
namespace pmc {

/// Whether a value is as asserted: "ipc>=1.2", "cycles.min <= 12M", "time < 1.5ms" (see Measurement::check). Of a
/// document of several rows (regions) each is checked, a line per row; `region` names the one. Of a single run its
/// value is judged; of several runs the median's interval. If the command failed, without being allowed to, all is
/// unknown. Errors: syntax. A name that the document does not have is
/// Outcome::invalid.
PMC_API Expected<std::vector<Check>> check_assertion(const Result& result, std::string_view assertion,
                                                     std::string_view region = {});

/// The name that an assertion is about: "llc.mpki" of "llc.mpki.max<=2". Errors: syntax.
PMC_API Expected<std::string> asserted_name(std::string_view assertion);

/// How much worse a value may become: "2%,cycles=1%,time=10%".
struct PMC_API Limits {
    std::optional<double> all; ///< of those that are asked for, but not of times: 0.02
    std::vector<std::pair<std::string, double>> by_name;

    /// Errors: syntax.
    static Expected<Limits> parse(std::string_view text);
};

/// Why a document can't be compared with another: it is of another CPU, mode, encoding, model…
struct Difference {
    std::string what;      ///< "CPU", "mode", "model", "encoding of llc_misses", "kernel"
    std::string now, then; ///< "zen4", "skylake-sp"
    bool is_hard = true; ///< the numbers mean different things; otherwise worth a warning (kernel, microcode, governor)
};
/// Hard ones first. Encodings are compared of the events that both have.
PMC_API std::vector<Difference> differences(const Result& now, const Result& then);

/// The name of the file that a baseline has in a folder of several machines': "midr-41-d0c-user+kernel-hardware.json".
PMC_API std::string baseline_name(const Result& result);

/// A line per value that a limit is for, of every row that both have; a row (a region) that one alone has is unknown.
/// FAIL only if the whole interval of the change is beyond the limit, PASS only if it is within; otherwise
/// inconclusive, which more runs may change. What both documents don't have counted in full is unknown; so is
/// everything if they are not of one kind (see Difference), or the command of one failed. A name in `limits.by_name`
/// that nothing has is invalid.
PMC_API std::vector<Check> check_regression(const Result& now, const Result& baseline, const Limits& limits,
                                            std::string_view region = {});

/// One value of two documents.
struct Comparison {
    enum class Verdict : std::uint8_t { better, worse, same, no_evidence, unknown };
    ValueSeries a, b;
    std::optional<Change> change{}; ///< from a to b
    Verdict verdict = Verdict::unknown;
    std::string reason{};  ///< of unknown: why
    std::size_t pairs = 0; ///< of how many pairs of runs that is; 0: its runs were not paired

    /// As it stands in a document of `pmcstat compare`, on one line, without the newline.
    [[nodiscard]] PMC_API std::string to_json() const;
};
/// "better", "worse", "same", "no evidence", "unknown".
PMC_API const char* to_string(Comparison::Verdict verdict) noexcept;

/// A change within this is *same*, however certain it is.
inline constexpr double same_within = 0.005;

/// The values that both have. Paired: run k of the one document was made beside run k of the other, which takes out
/// drift. Runs that count in one of them alone are left out then. Values whose `better` is not known are never better
/// or worse: *changed* is not a verdict, so they are "same", "no evidence", or "unknown" with the reason.
PMC_API std::vector<Comparison> compare(const Result& a, const Result& b, bool is_paired);

/// The smallest change that runs like these can tell from none in 19 of 20 cases: of two series of the same program.
PMC_API std::optional<double> smallest_change(const Change& of_same);

} // namespace pmc
