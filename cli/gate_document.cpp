#include "gate_document.hpp"

#include "errors.hpp"
#include "gate.hpp"
#include "gate_report.hpp"
#include "output.hpp"
#include "print.hpp"
#include "recorded.hpp"
#include "status.hpp"

#include <optional>
#include <string>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Result;

constexpr const char* what_it_is = "give --input a file that pmcstat --format json, PMC_REPORT or measure() wrote";

struct Judged {
    std::string text;
    int status = 0;
};

Expected<Judged> judged(const GateDocumentOptions& options) {
    Expected<Gate> gate = Gate::open(options.gate);
    if (!gate)
        return gate.error();
    Expected<Result> result = read_result(options.input, what_it_is);
    if (!result)
        return result.error();
    const Expected<std::string> explained = gate->explanations(*result);
    if (!explained)
        return explained.error();
    result->verdicts = gate->check(*result, options.region);
    if (const Expected<bool> published = gate->publish(*result); !published || !*published)
        return published ? pmc::Expected<Judged>(Judged{"", status::failed}) : published.error();
    return Judged{options.as_json ? result->to_json() : *explained + gate_text(result->verdicts),
                  gate_status(result->verdicts)};
}

} // namespace

int gate_document(const GateDocumentOptions& options) {
    std::optional<Output> output;
    if (!options.output.empty()) {
        Expected<Output> opened = Output::open(options.output);
        if (!opened) {
            print_error(opened.error());
            return status::failed;
        }
        output.emplace(*std::move(opened));
    }
    const Expected<Judged> result = judged(options);
    if (!result) {
        print_error(result.error());
        return status::failed;
    }
    if (!output) {
        const int unprinted = print(result->text, "verdicts");
        return unprinted != 0 ? unprinted : result->status;
    }
    if (const Expected<bool> written = output->write(result->text); !written) {
        print_error(written.error());
        return status::failed;
    }
    return result->status;
}

} // namespace cli
