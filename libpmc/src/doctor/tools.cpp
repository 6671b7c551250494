#include "doctor/finding.hpp"
#include "doctor/subject.hpp"
#include "event/libpfm4_library.hpp"
#include "kernel/valgrind.hpp"

#include <optional>
#include <string>

namespace pmc::doctor {
namespace {

constexpr Check valgrind_check{"valgrind", "valgrind, for the model"};
constexpr Check libpfm4_check{"libpfm4", "libpfm4, for vendors' event names"};

Finding valgrind() {
    const std::optional<std::string> path = kernel::find_valgrind();
    if (!path)
        return make_finding(valgrind_check, Health::missing, "no folder of PATH has it",
                            "--backend model can't count where there are no counters", "install valgrind");
    const std::string version = kernel::valgrind_version(*path);
    if (version.empty())
        return make_finding(valgrind_check, Health::missing, "it does not tell its version",
                            "--backend model can't count where there are no counters", "install valgrind anew");
    return make_finding(valgrind_check, Health::ok, version);
}

/// libpfm4's model of this CPU; not the one that it takes any Intel CPU for.
std::string model_here(const pfm::Library& library) {
    for (const pfm_pmu_info_t& model : pfm::core_models(library))
        if (model.is_present != 0 && model.pmu != PFM_PMU_INTEL_X86_ARCH)
            return model.name;
    return {};
}

Finding libpfm4() {
    const pfm::Library* const library = pfm::Library::get();
    if (library == nullptr)
        return make_finding(libpfm4_check, Health::missing, "libpfm.so.4 can't be loaded",
                            "names such as INST_RETIRED.ANY are unknown; metrics, generic events and raw codes are not "
                            "concerned",
                            "install libpfm4");
    const std::string found = library->version();
    const std::string model = model_here(*library);
    if (model.empty())
        return make_finding(libpfm4_check, Health::limited, found + ", which does not know this CPU",
                            "names of its vendor are unknown; raw codes work", "install a newer libpfm4");
    return make_finding(libpfm4_check, Health::ok, found + ", knows this CPU as " + model);
}

} // namespace

Findings examine_tools(const Subject& subject) {
    if (!subject.is_live)
        return {untried(valgrind_check), untried(libpfm4_check)};
    return {valgrind(), libpfm4()};
}

} // namespace pmc::doctor
