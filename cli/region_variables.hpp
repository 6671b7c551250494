#pragma once

#include "environment.hpp"
#include "options.hpp"
#include "region_reports.hpp"

#include <string>

namespace cli {

/// What the command's environment says of its regions, in pmcstat's own for as long as this lives.
class RegionVariables {
public:
    RegionVariables(const RunOptions& options, const RegionReports& reports)
        : report_("PMC_REPORT", report_of(options, reports)), events_("PMC_EVENTS", events_of(options)) {}

private:
    /// Under cachegrind a program counts nothing of itself, and its clock is valgrind's.
    static std::string report_of(const RunOptions& options, const RegionReports& reports) {
        return options.backend == Backend::model ? std::string() : reports.variable();
    }
    /// Regions are what model-regions is for: they are told of in the terms that were asked for.
    static std::string events_of(const RunOptions& options) {
        return options.backend == Backend::model_regions ? options.events.value_or("") : std::string();
    }

    EnvironmentVariable report_, events_;
};

} // namespace cli
