#include <pmc/gate.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace pmc {
namespace {

std::string yes_or_no(bool yes) {
    return yes ? "yes" : "no";
}

/// Wherever the program lies. An argument with blanks is not taken for two.
std::string command_of(const std::vector<std::string>& argv) {
    std::string text = argv.front().substr(argv.front().rfind('/') + 1);
    for (std::size_t i = 1; i < argv.size(); ++i) {
        const bool is_word = !argv[i].empty() && argv[i].find_first_of(" '") == std::string::npos;
        text += is_word ? " " + argv[i] : " '" + argv[i] + "'";
    }
    return text;
}

/// In words. Which processes or CPUs those were is not told: they have other numbers each day.
std::string counted_of(const Result& result) {
    const auto has = [&](std::string_view scope) {
        return std::ranges::any_of(result.samples, [&](const Sample& sample) { return sample.scope == scope; });
    };
    const bool is_command = result.run.target.empty();
    if (has("system"))
        return is_command ? "the command's CPUs" : "CPUs";
    if (has("cgroup"))
        return is_command ? "the command's cgroup" : "cgroups";
    if (has("measure"))
        return is_command ? "code that a program measures" : "code that a process measures";
    if (has("process"))
        return is_command ? "the command" : "processes";
    return is_command ? "parts of the command" : "parts of others";
}

class Differences {
public:
    Differences(const Result& now, const Result& then) : now_(now), then_(then) {}

    std::vector<Difference> all() {
        add_hard();
        add_encodings();
        add_soft();
        return std::move(found_);
    }

private:
    void add(std::string what, const std::string& now, const std::string& then, bool is_hard) {
        if (now != then)
            found_.push_back({std::move(what), now, then, is_hard});
    }
    void add_known(std::string what, const std::string& now, const std::string& then) {
        if (!now.empty() && !then.empty())
            add(std::move(what), now, then, false);
    }
    void add_known(std::string what, std::optional<bool> now, std::optional<bool> then) {
        if (now && then)
            add(std::move(what), yes_or_no(*now), yes_or_no(*then), false);
    }

    /// What the numbers mean.
    void add_hard() {
        add("schema", now_.schema, then_.schema, true);
        add("architecture", now_.host.arch, then_.host.arch, true);
        add("CPU", now_.cpu.id, then_.cpu.id, true);
        add("mode", now_.run.mode, then_.run.mode, true);
        // Counted by the PMU or by the kernel alone: that depends on what was asked for, and the encodings tell.
        if (now_.run.model.empty() != then_.run.model.empty())
            add("backend", now_.run.backend, then_.run.backend, true);
        add("model", now_.run.model, then_.run.model, true);
        add("what was counted", counted_of(now_), counted_of(then_), true);
        add("children counted", yes_or_no(now_.run.inherit), yes_or_no(then_.run.inherit), true);
        // Threads that share one CPU, and its caches, take other time and other cycles than those that spread: pinning
        // is another experiment. Which CPU it was is not: those of one type are alike.
        add("pinned", yes_or_no(now_.run.cpu.has_value()), yes_or_no(then_.run.cpu.has_value()), true);
    }

    void add_encodings() {
        const std::vector<ValueSeries> then = series_of(then_);
        std::vector<std::string> told;
        for (const ValueSeries& one : series_of(now_)) {
            const auto is_same = [&](const ValueSeries& other) {
                return other.kind == ValueSeries::Kind::event && other.name == one.name && other.core == one.core &&
                       other.has_value();
            };
            const auto same = std::ranges::find_if(then, is_same);
            if (one.kind != ValueSeries::Kind::event || !one.has_value() || same == then.end())
                continue;
            // A document may have several rows, and somebody may have put it together from several machines'.
            if (std::ranges::any_of(
                    then, [&](const ValueSeries& other) { return is_same(other) && other.encoding == one.encoding; }))
                continue;
            // A tracepoint's number is the kernel's of that day, and an encoding may be unknown (written by hand).
            const bool comparable = !one.encoding.empty() && !same->encoding.empty() &&
                                    !one.encoding.starts_with("tracepoint/") &&
                                    std::ranges::find(told, one.name) == told.end();
            if (!comparable)
                continue;
            told.push_back(one.name);
            found_.push_back({"encoding of " + one.name, one.encoding, same->encoding, true});
        }
    }

    /// What may have changed the numbers, but not their meaning.
    void add_soft() {
        const Result::Host& now = now_.host;
        const Result::Host& then = then_.host;
        if (!now_.run.argv.empty() && !then_.run.argv.empty())
            add("command", command_of(now_.run.argv), command_of(then_.run.argv), false);
        if (now_.run.model.empty())
            add_machine(now, then);
        else // for which libraries pick their code
            add("processor under the model", now_.cpu.name, then_.cpu.name, false);
        // They take noise away, and leave the numbers what they are.
        add("fixed addresses", yes_or_no(now_.run.fixed_addresses), yes_or_no(then_.run.fixed_addresses), false);
        add("fixed environment", yes_or_no(now_.run.fixed_environment), yes_or_no(then_.run.fixed_environment), false);
    }

    void add_machine(const Result::Host& now, const Result::Host& then) {
        add_known("kernel", now.kernel, then.kernel);
        add_known("microcode", now.microcode, then.microcode);
        add_known("governor", now.governor, then.governor);
        add_known("boost", now.boost, then.boost);
        add_known("SMT", now.smt, then.smt);
        const auto named = [](const std::string& hypervisor) { return hypervisor.empty() ? "none" : hypervisor; };
        add("hypervisor", named(now.hypervisor), named(then.hypervisor), false);
        add("CPUs online", std::to_string(now.cpus), std::to_string(then.cpus), false);
    }

    const Result& now_;
    const Result& then_;
    std::vector<Difference> found_;
};

} // namespace

std::vector<Difference> differences(const Result& now, const Result& then) {
    return Differences(now, then).all();
}

std::string baseline_name(const Result& result) {
    std::string cpu = result.cpu.id.empty() ? result.host.arch : result.cpu.id;
    if (cpu.empty())
        cpu = "unknown";
    std::string name = cpu + "-" + result.run.mode + "-" + result.run.backend;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_safe = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '+';
    };
    std::ranges::replace_if(
        name, [&](char c) { return !is_safe(c); }, '_');
    // Neither hidden nor an option.
    if (name.front() == '.' || name.front() == '-')
        name.front() = '_';
    return name + ".json";
}

} // namespace pmc
