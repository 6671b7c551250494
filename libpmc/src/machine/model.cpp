#include "machine/model.hpp"

namespace pmc::model {
namespace {

std::string times(unsigned factor, std::string_view what) {
    return (factor == 1 ? std::string() : std::to_string(factor)).append(what);
}

} // namespace

std::string cpu_id(std::string_view tool) {
    return std::string("valgrind-").append(tool);
}

std::string description(std::string_view tool, std::string_view version) {
    std::string text(tool);
    if (!version.empty())
        text.append("-").append(version);
    text.append(" I1=").append(l1i).append(" D1=").append(l1d).append(" LL=").append(last_level);
    return text + " cycles=" + times(l1_cycles, "L1") + "+" + times(last_level_cycles, "LL") + "+" +
           times(memory_cycles, "RAM");
}

} // namespace pmc::model
