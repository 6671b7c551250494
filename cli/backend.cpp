#include "backend.hpp"

#include <CLI/CLI.hpp>

namespace cli {

void BackendArguments::add_to(CLI::App& app) {
    app.add_option("--backend", word_,
                   "hardware (default); model: the command under valgrind, whose counts of a modelled processor repeat "
                   "to the last digit; model-regions: the same for a program's own regions")
        ->check(CLI::IsMember({"hardware", "model", "model-regions"}))
        ->option_text("NAME");
}

Backend BackendArguments::backend() const noexcept {
    return word_ == "model" ? Backend::model : word_ == "model-regions" ? Backend::model_regions : Backend::hardware;
}

const pmc::Machine& machine_of(Backend backend) {
    switch (backend) {
    case Backend::hardware:
        break;
    case Backend::model:
        return pmc::Machine::cachegrind();
    case Backend::model_regions:
        return pmc::Machine::callgrind();
    }
    return pmc::Machine::host();
}

} // namespace cli
