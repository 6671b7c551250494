#include "terminal.hpp"

#include "printable_sample.hpp"

#include <doctest/doctest.h>

#include <string>

using pmc::Sample;
using pmc::record::printable;

TEST_SUITE_BEGIN("terminal");

TEST_CASE("what a terminal would obey is shown as ?") {
    CHECK(printable("\x1b[31m\a\r\n\x7f") == "?[31m????");
    CHECK(printable("a\u009bb") == "a??b");
    CHECK(printable("a\u0085") == "a??");
}

TEST_CASE("what turns the order of a line's letters, or breaks it, is shown as ?") {
    for (const char* const control : {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068",
                                      "\u2069", "\u2028", "\u2029", "\u200e", "\u200f"})
        CHECK(printable("a" + std::string(control) + "b") == "a???b");
    CHECK(printable("a\u061c") == "a??");
}

TEST_CASE("letters of all languages stand as they are, and so does what is no UTF-8") {
    for (const char* const text : {"naïve ± µs", "\u2013\u2026\u20ac", "\u2027\u202f\u2065\u206a", "\u00a0", "日本語",
                                   "\u0627\u0644", "\xe2\x80", "\xe2", "\xc2"})
        CHECK(printable(text) == text);
}

TEST_CASE("no text of somebody else's sample has what a terminal would obey") {
    const std::string bad = "\x1b[2J\u202e\u009b";
    const pmc::Reason reason{pmc::Cause::rejected, 0, bad, bad};
    Sample sample;
    sample.scope = sample.id = sample.name = sample.cgroup = bad;
    pmc::EventCount event;
    event.name = event.encoding = event.unit = event.core = event.source = bad;
    event.reason = reason;
    event.others = {{0, {}, reason}};
    pmc::MetricValue metric;
    metric.id = metric.metric = metric.label = metric.unit = metric.quality = metric.scope = metric.source = bad;
    metric.note = metric.formula = metric.core = metric.better = bad;
    metric.reason = reason;
    metric.operands = metric.also = {{bad, bad, 1, bad}};
    sample.events = {event};
    sample.metrics = {metric};
    sample.region.emplace();
    sample.region->reason = reason;
    REQUIRE(sample.to_json().find("\\u001b") != std::string::npos);
    const std::string text = cli::printable(sample).to_json();
    for (const char* const control : {"\\u001b", "\u202e", "\u009b"})
        CHECK(text.find(control) == std::string::npos);
    CHECK(text.find("?[2J?????") != std::string::npos);
}

TEST_SUITE_END();
