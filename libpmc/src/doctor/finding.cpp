#include "doctor/finding.hpp"

#include <algorithm>
#include <utility>

namespace pmc {

std::string_view to_string(Health health) noexcept {
    switch (health) {
    case Health::ok:
        return "ok";
    case Health::limited:
        return "limited";
    case Health::missing:
        return "missing";
    case Health::wrong:
        return "wrong";
    case Health::unknown:
        return "unknown";
    }
    return "unknown";
}

const Finding* Examination::find(std::string_view id) const noexcept {
    const auto found = std::ranges::find(findings, id, &Finding::id);
    return found == findings.end() ? nullptr : &*found;
}

namespace doctor {

Finding make_finding(Check check, Health health, std::string found, std::string means, std::string remedy) {
    Finding finding;
    finding.id = check.id;
    finding.title = check.title;
    finding.health = health;
    finding.found = std::move(found);
    finding.means = std::move(means);
    finding.remedy = std::move(remedy);
    return finding;
}

Finding make_finding(Check check, const Reason& reason, std::string means, Health health) {
    Finding finding = make_finding(check, health, reason.evidence, std::move(means), reason.remedy);
    finding.cause = reason.cause;
    return finding;
}

Finding untried(Check check) {
    return make_finding(check, Health::unknown, "not tried: this is a captured machine");
}

Finding unreadable(Check check, std::string_view file) {
    return make_finding(check, Health::unknown, std::string(file) + " can't be read");
}

} // namespace doctor
} // namespace pmc
