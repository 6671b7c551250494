#include "report_csv.hpp"

#include "terminal.hpp"

#include <fmt/format.h>
#include <string>
#include <string_view>

namespace cli {
namespace {

using pmc::EventCount;
using pmc::MetricValue;
using pmc::Sample;

constexpr std::string_view header = "run,scope,id,comm,cgroup,cpus,summary,start_s,end_s,kind,name,core,value,unit,raw,"
                                    "enabled_ns,running_ns,coverage,state,quality,source,reason";

/// A process's name, and what a document says, are other people's texts.
std::string csv_field(const std::string& somebodys) {
    const std::string text = pmc::record::printable(somebodys);
    if (text.find_first_of(",\"") == std::string::npos)
        return text;
    std::string field = "\"";
    for (const char character : text) {
        field += character;
        if (character == '"')
            field += '"';
    }
    return field + '"';
}

/// The fields that all rows of a sample have in front, with a comma behind.
std::string place_of(const Sample& sample) {
    return fmt::format("{},{},{},{},{},{},{},{:.9f},{:.9f},", sample.run, csv_field(sample.scope), csv_field(sample.id),
                       csv_field(sample.name), csv_field(sample.cgroup),
                       sample.cpus != 0 ? fmt::format("{}", sample.cpus) : std::string(), sample.summary,
                       sample.start_s, sample.end_s);
}

/// All digits that tell one number from another, and no more.
std::string number(double value) {
    return fmt::format("{}", value);
}

std::string fields_of(const EventCount& event) {
    const pmc::Count& count = event.count;
    const bool counted = event.has_value();
    return fmt::format("event,{},{},{},{},{},{},{},{},{},,{},{}\n", csv_field(event.name), csv_field(event.core),
                       counted ? number(event.value()) : "", csv_field(event.unit),
                       counted ? fmt::format("{}", count.raw()) : "", count.enabled_ns(), count.running_ns(),
                       counted ? fmt::format("{:.4f}", count.coverage()) : "", to_string(count.state()),
                       csv_field(event.source), csv_field(event.reason.evidence));
}

std::string fields_of(const MetricValue& metric) {
    const bool counted = metric.has_value();
    return fmt::format("metric,{},{},{},{},,,,{},{},{},{},{}\n", csv_field(metric.id), csv_field(metric.core),
                       counted ? number(metric.number) : "", csv_field(metric.unit),
                       counted ? fmt::format("{:.4f}", metric.coverage) : "", to_string(metric.state),
                       csv_field(metric.quality), csv_field(metric.source), csv_field(metric.reason.evidence));
}

} // namespace

std::string csv_header() {
    return fmt::format("{}\n", header);
}

std::string csv_rows(std::span<const Sample> samples) {
    std::string text;
    for (const Sample& sample : samples) {
        const std::string place = place_of(sample);
        for (const MetricValue& metric : sample.metrics)
            text.append(place).append(fields_of(metric));
        for (const EventCount& event : sample.events)
            text.append(place).append(fields_of(event));
    }
    return text;
}

std::string csv_report(const pmc::Result& result) {
    return csv_header() + csv_rows(result.samples);
}

} // namespace cli
