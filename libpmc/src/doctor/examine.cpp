#include "doctor/subject.hpp"

#include <algorithm>
#include <iterator>

namespace pmc {

Examination examine(const Machine& machine, const Tables& tables) {
    const doctor::Subject subject(machine, tables);
    Examination examination{.of = "examination", .findings = {}};
    for (const auto& topic :
         {doctor::examine_cores, doctor::examine_reach, doctor::examine_reading, doctor::examine_other_pmus,
          doctor::examine_rights, doctor::examine_allowances, doctor::examine_steadiness, doctor::examine_tools})
        std::ranges::move(topic(subject), std::back_inserter(examination.findings));
    return examination;
}

bool Examination::is_well() const noexcept {
    if (of == "self-test")
        return !findings.empty() && std::ranges::all_of(findings, [](const Finding& finding) {
            return finding.health == Health::ok || finding.health == Health::limited;
        });
    const Finding* const own = find("own_process");
    return own != nullptr && own->health == Health::ok;
}

} // namespace pmc
