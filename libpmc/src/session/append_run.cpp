#include "session/append_run.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace pmc {

void append_run(Result& document, Result run) {
    const std::size_t number = document.runs.size();
    for (Sample& sample : run.samples)
        sample.run = static_cast<int>(number);
    std::vector<Result::Run> runs = std::move(document.runs);
    runs.push_back(run.run);
    if (number == 0) {
        document = std::move(run);
    } else {
        const bool hardware = document.run.backend == "hardware";
        document.run = run.run;
        if (hardware)
            document.run.backend = "hardware";
        if (document.run.backend == "hardware")
            document.no_pmu = {};
        std::ranges::move(run.samples, std::back_inserter(document.samples));
        std::ranges::copy_if(run.notes, std::back_inserter(document.notes), [&](const std::string& note) {
            return std::ranges::find(document.notes, note) == document.notes.end();
        });
    }
    document.runs = std::move(runs);
}

} // namespace pmc
