#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <cstdio>

namespace pmc {

std::string region_text(const Result& result) {
    std::string text;
    for (const Sample& sample : result.samples) {
        if (!sample.region)
            continue;
        char line[200];
        std::snprintf(line, sizeof line, "%s (%s): %llu calls, %.9f s\n", sample.id.c_str(), sample.scope.c_str(),
                      static_cast<unsigned long long>(sample.region->calls), sample.region->time_s);
        text += line;
        for (const EventCount& event : sample.events) {
            std::snprintf(line, sizeof line, "  %s %s raw %llu\n", event.name.c_str(), to_string(event.count.state()),
                          static_cast<unsigned long long>(event.count.raw()));
            text += line;
        }
    }
    return text;
}

} // namespace pmc
