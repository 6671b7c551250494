#include "metric/metric_set_state.hpp"
#include "session/append_run.hpp"

#include <pmc/passes.hpp>

#include <algorithm>
#include <utility>

namespace pmc {
namespace {

/// The lines of all parts; each group's line says which passes count it.
std::vector<std::string> joint_plan(const std::vector<MetricSet>& parts) {
    std::vector<std::vector<std::string>> lines;
    lines.reserve(parts.size());
    for (const MetricSet& part : parts)
        lines.push_back(part.plan());
    if (lines.size() == 1)
        return lines.front();
    std::vector<std::string> groups;
    std::vector<std::string> others;
    for (std::size_t pass = 0; pass < lines.size(); ++pass) {
        for (const std::string& line : lines[pass]) {
            const bool is_group = line.starts_with("group ");
            const bool in_all = std::ranges::all_of(lines, [&](const std::vector<std::string>& of_pass) {
                return std::ranges::find(of_pass, line) != of_pass.end();
            });
            if (is_group && in_all && pass > 0)
                continue;
            if (!is_group) {
                others.push_back(line);
                continue;
            }
            std::string& labelled = groups.emplace_back(in_all ? "each pass" : "pass " + std::to_string(pass));
            labelled.append("  ").append(line);
        }
    }
    groups.insert(groups.end(), others.begin(), others.end());
    return groups;
}

Sample without_run(const MetricSet& part, std::size_t number) {
    Sample sample;
    sample.run = static_cast<int>(number);
    evaluate(part.state(), {}, 0, sample);
    return sample;
}

Reason not_run(int status) {
    const std::string why =
        status == 0 ? "the passes ended before" : "the command ended with status " + std::to_string(status) + " before";
    return {Cause::never_ran, 0, "not run: " + why, {}};
}

} // namespace

Passes::Passes(std::vector<MetricSet> parts) : parts_(std::move(parts)), plan_(joint_plan(parts_)) {
    for (std::size_t i = 0; parts_.size() > 1 && i < parts_.size(); ++i)
        not_run_.push_back(without_run(parts_[i], i));
}

bool Passes::has_next() const noexcept {
    return started_ < parts_.size() && result_.run.status == 0;
}

Expected<Session> Passes::start(const Command& command) {
    if (started_ == parts_.size())
        return Error(ErrorKind::misuse, Stage::spawn, "all passes have been run");
    return Session::start(std::move(parts_[started_++]), command);
}

void Passes::add(Result run) {
    append_run(result_, std::move(run));
}

Result Passes::result() const {
    Result result = result_;
    result.plan = plan_;
    const Reason reason = not_run(result.run.status);
    for (std::size_t i = result.runs.size(); i < not_run_.size(); ++i) {
        Sample sample = not_run_[i];
        for (EventCount& event : sample.events) {
            event.count = Count(0, 0, 0, State::not_counted);
            event.reason = reason;
        }
        for (MetricValue& metric : sample.metrics) {
            metric.state = State::not_counted;
            metric.reason = reason;
        }
        result.samples.push_back(std::move(sample));
    }
    if (not_run_.empty())
        result.runs.clear();
    return result;
}

} // namespace pmc
