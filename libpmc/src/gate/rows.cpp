#include "gate/rows.hpp"

#include "event/resolver.hpp"
#include "metric/search.hpp"
#include "table/quote.hpp"

#include <algorithm>
#include <cstddef>

namespace pmc {
namespace {

constexpr std::string_view canonical(std::string_view name) noexcept {
    return name == "seconds" ? "time" : name;
}

void add_new(std::vector<std::string>& names, const std::string& name) {
    if (std::ranges::find(names, name) == names.end())
        names.push_back(name);
}

} // namespace

bool is_named(const ValueSeries& series, std::string_view name) noexcept {
    return search::same(series.name, canonical(name));
}

std::vector<ValueSeries> gated_values(const Result& result, std::string_view region, record::CoreTypes core_types) {
    std::vector<ValueSeries> values = record::series_of(result, core_types);
    std::erase_if(values, [&](const ValueSeries& one) {
        return region.empty() ? one.scope == "region_self" : one.scope != "region" || one.id != region;
    });
    return values;
}

bool never_ran(const ValueSeries& series) noexcept {
    return !series.core.empty() && !series.has_value() && series.reason.cause == Cause::never_ran;
}

const ValueSeries* find_same(const std::vector<ValueSeries>& values, const ValueSeries& like) noexcept {
    const auto found = std::ranges::find_if(values, [&](const ValueSeries& one) {
        return one.kind == like.kind && one.name == like.name && one.core == like.core && one.scope == like.scope &&
               one.id == like.id;
    });
    return found == values.end() ? nullptr : &*found;
}

std::string full_name(const ValueSeries& series) {
    return series.core.empty() ? series.name : series.name + " (" + series.core + ")";
}

std::string hint_for(std::string_view name, const std::vector<std::string>& known) {
    const std::vector<std::string> near = suggest(name, known);
    if (!near.empty()) {
        std::string text = "did you mean ";
        for (std::size_t i = 0; i < near.size(); ++i)
            text += (i == 0 ? "" : i + 1 == near.size() ? " or " : ", ") + quoted(near[i]);
        return text + "?";
    }
    constexpr std::size_t most = 12;
    std::string text;
    for (std::size_t i = 0; i < std::min(known.size(), most); ++i)
        text += (i == 0 ? "there are " : ", ") + printable(known[i]);
    return known.size() > most ? text + ", …" : text;
}

std::vector<std::string> names_of(const std::vector<ValueSeries>& values) {
    std::vector<std::string> names;
    for (const ValueSeries& value : values)
        add_new(names, value.name);
    return names;
}

std::vector<std::string> regions_of(const Result& result) {
    std::vector<std::string> regions;
    for (const Sample& sample : result.samples) {
        if (sample.scope == "region")
            add_new(regions, sample.id);
    }
    return regions;
}

} // namespace pmc
