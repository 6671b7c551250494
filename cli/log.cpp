#include "log.hpp"

#include <memory>
#include <spdlog/sinks/stdout_sinks.h>

namespace cli {

spdlog::logger& log() {
    // Made on first use: a run that has nothing to tell does not pay for a logger.
    static spdlog::logger logger = [] {
        spdlog::logger made("pmcstat", std::make_shared<spdlog::sinks::stderr_sink_st>());
        made.set_pattern("%n: %l: %v");
        made.set_level(spdlog::level::warn);
        return made;
    }();
    return logger;
}

void set_log_level(const std::string& level) {
    log().set_level(spdlog::level::from_str(level));
}

} // namespace cli
