#include "report_csv.hpp"

#include <fmt/format.h>
#include <string_view>
#include <vector>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Sample;

constexpr std::string_view header = "run,scope,id,start_s,end_s,kind,name,core,value,unit,raw,enabled_ns,running_ns,"
                                    "coverage,state,quality,source,reason";

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos)
        return std::string(text);
    std::string field = "\"";
    for (const char character : text) {
        field += character;
        if (character == '"')
            field += '"';
    }
    return field + '"';
}

/// The fields that all rows of a sample have in front.
std::vector<std::string> place_of(const Sample& sample) {
    return {fmt::format("{}", sample.run), csv_field(sample.scope), csv_field(sample.id),
            fmt::format("{:.9f}", sample.start_s), fmt::format("{:.9f}", sample.end_s)};
}

std::string row(std::vector<std::string> fields, const std::vector<std::string>& rest) {
    fields.insert(fields.end(), rest.begin(), rest.end());
    return fmt::format("{}\n", fmt::join(fields, ","));
}

/// All digits that tell one number from another, and no more.
std::string number(double value) {
    return fmt::format("{}", value);
}

std::string row_of(const Sample& sample, const EventCount& event) {
    const pmc::Count& count = event.count;
    const bool counted = event.has_value();
    return row(place_of(sample),
               {"event", csv_field(event.name), csv_field(event.core), counted ? number(event.value()) : "",
                csv_field(event.unit), counted ? fmt::format("{}", count.raw()) : "",
                fmt::format("{}", count.enabled_ns()), fmt::format("{}", count.running_ns()),
                counted ? fmt::format("{:.4f}", count.coverage()) : "", to_string(count.state()), "", "measured",
                csv_field(event.reason.evidence)});
}

std::string row_of(const Sample& sample, const MetricValue& metric) {
    const bool counted = metric.has_value();
    return row(place_of(sample),
               {"metric", csv_field(metric.id), csv_field(metric.core), counted ? number(metric.number) : "",
                csv_field(metric.unit), "", "", "", counted ? fmt::format("{:.4f}", metric.coverage) : "",
                to_string(metric.state), csv_field(metric.quality), csv_field(metric.source),
                csv_field(metric.reason.evidence)});
}

} // namespace

std::string csv_report(const pmc::Result& result) {
    std::string text = fmt::format("{}\n", header);
    for (const Sample& sample : result.samples) {
        for (const MetricValue& metric : sample.metrics)
            text += row_of(sample, metric);
        for (const EventCount& event : sample.events)
            text += row_of(sample, event);
    }
    return text;
}

} // namespace cli
