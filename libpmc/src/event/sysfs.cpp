#include "event/event_list.hpp"
#include "event/resolver.hpp"
#include "kernel/blanks.hpp"
#include "machine/reason.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace pmc {

namespace {

using kernel::trimmed;

constexpr std::size_t most_listed = 16;

/// One "key=value" or bare "key", and where it stands in the text that the user wrote.
struct Term {
    std::string_view key;
    std::string_view value; ///< empty: none was given
    std::size_t offset = 0;
    bool from_alias = false;
};

std::vector<Term> split_terms(std::string_view text) {
    std::vector<Term> terms;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string_view piece = trimmed(text.substr(begin, end - begin));
        const std::size_t equals = std::min(piece.find('='), piece.size());
        Term term;
        term.key = trimmed(piece.substr(0, equals));
        term.value = trimmed(piece.substr(std::min(equals + 1, piece.size())));
        term.offset = piece.empty() ? begin : static_cast<std::size_t>(piece.data() - text.data());
        terms.push_back(term);
        begin = end + 1;
    }
    return terms;
}

std::string written(const Term& term) {
    std::string text(term.key);
    return term.value.empty() ? text : text + "=" + std::string(term.value);
}

/// As written, but with numbers in one notation, so that equal encodings look equal.
std::string canonical(const Term& term) {
    std::string_view digits = term.value;
    const bool is_hex = digits.starts_with("0x") || digits.starts_with("0X");
    const bool is_octal = !is_hex && digits.size() > 1 && digits.front() == '0';
    if (is_hex)
        digits.remove_prefix(2);
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, is_hex ? 16 : (is_octal ? 8 : 10));
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        return written(term);
    return std::string(term.key) + "=" + hexadecimal(number);
}

template <typename Map>
std::string keys_of(const Map& map) {
    std::string text;
    std::size_t listed = 0;
    for (const auto& [key, value] : map) {
        if (listed++ == most_listed)
            return text + ", and " + std::to_string(map.size() - most_listed) + " more";
        text += (text.empty() ? "" : ", ") + key;
    }
    return text.empty() ? "none" : text;
}

std::string terms_hint(const Pmu& pmu) {
    std::string hint = "the terms of " + pmu.name + " are: " + (pmu.formats.empty() ? "config" : keys_of(pmu.formats));
    return pmu.events.empty() ? hint : hint + "; its events: " + keys_of(pmu.events);
}

/// Turns the terms of one event of one PMU into what the PMU's formats understand.
class Encoder {
public:
    Encoder(const Pmu& pmu, std::string_view text) : pmu_(pmu), text_(text) {}

    Expected<Event> encode() {
        for (const Term& term : split_terms(text_)) {
            if (std::optional<Error> error = add(term))
                return std::move(*error);
        }
        std::string encoding;
        std::string joined;
        for (const Term& term : terms_) {
            joined += (joined.empty() ? "" : ",") + written(term);
            encoding += (encoding.empty() ? "" : ",") + canonical(term);
        }
        std::string problem;
        const std::optional<Pmu::Encoded> encoded = pmu_.encode(joined, problem);
        if (!encoded)
            return error(problem, 0);

        Event event;
        event.name = event.encoding = pmu_.name + "/" + encoding + "/";
        event.pmu = pmu_.name;
        event.type = pmu_.type;
        event.config = encoded->config;
        event.config1 = encoded->config1;
        event.config2 = encoded->config2;
        event.cpus = pmu_.cpumask;
        event.source = EventSource::sysfs;
        if (alias_ != nullptr) {
            event.scale = alias_->scale;
            event.unit = alias_->unit;
        }
        return event;
    }

private:
    /// `offset` is one within the terms.
    [[nodiscard]] Error error(const std::string& what, std::size_t offset) const {
        return syntax_error("PMU event: " + what, pmu_.name + "/" + std::string(text_) + "/",
                            pmu_.name.size() + 1 + offset, terms_hint(pmu_));
    }

    std::optional<Error> add(const Term& term) {
        if (term.key.empty())
            return error("expected a term", term.offset);
        if (term.value.empty() && text_.substr(term.offset).starts_with(std::string(term.key) + "="))
            return error("expected a value after '='", term.offset);
        if (term.value.empty()) {
            if (const auto alias = pmu_.events.find(term.key); alias != pmu_.events.end())
                return add_alias(term, alias->second);
        }
        if (std::string problem; !pmu_.encode(written(term), problem))
            return error(problem, term.offset);
        return put(term);
    }

    std::optional<Error> add_alias(const Term& name, const SysfsEvent& alias) {
        if (alias_ != nullptr)
            return error("a second event, " + quoted(name.key), name.offset);
        alias_ = &alias;
        for (Term term : split_terms(alias.terms)) {
            term.from_alias = true;
            term.offset = name.offset;
            if (term.value == "?") // the driver leaves it to the user; a term beside the name may give it
                continue;
            if (std::optional<Error> error = put(term))
                return error;
        }
        return std::nullopt;
    }

    /// Adds a term, or replaces the one that the alias brought.
    std::optional<Error> put(const Term& term) {
        const auto same = std::ranges::find(terms_, term.key, &Term::key);
        if (same == terms_.end()) {
            terms_.push_back(term);
            return std::nullopt;
        }
        if (!same->from_alias && !term.from_alias)
            return error(quoted(term.key) + " is given twice", term.offset);
        if (same->from_alias)
            *same = term;
        return std::nullopt;
    }

    const Pmu& pmu_;
    std::string_view text_;
    std::vector<Term> terms_;
    const SysfsEvent* alias_ = nullptr;
};

/// Counts of events that the driver needs a value for, e.g. "domain=?".
std::optional<std::string_view> missing_value(const Pmu& pmu, std::string_view text) {
    const std::vector<Term> terms = split_terms(text);
    for (const Term& term : terms) {
        const auto alias = pmu.events.find(term.key);
        if (!term.value.empty() || alias == pmu.events.end())
            continue;
        for (const Term& needed : split_terms(alias->second.terms)) {
            if (needed.value == "?" && std::ranges::find(terms, needed.key, &Term::key) == terms.end())
                return needed.key;
        }
    }
    return std::nullopt;
}

constexpr bool is_architected(std::uint64_t code) noexcept {
    return code < 0x40 || (code >= 0x4000 && code < 0x4040);
}

std::string pmus_hint(std::string_view name, const Machine& machine) {
    std::string hint;
    for (const std::string& near : suggest(name, machine.pmu_names()))
        hint += (hint.empty() ? "did you mean " : " or ") + quoted(near);
    if (!hint.empty())
        hint += "? ";
    std::string listed;
    std::size_t count = 0;
    for (const std::string& pmu : machine.pmu_names()) {
        if (count++ == most_listed)
            break;
        listed += (listed.empty() ? "" : ", ") + pmu;
    }
    if (listed.empty())
        return hint + "this machine shows no PMUs in /sys/bus/event_source/devices";
    if (count > most_listed)
        listed += ", and " + std::to_string(machine.pmu_names().size() - most_listed) + " more";
    return hint + "the PMUs of this machine are: " + listed;
}

} // namespace

Reason not_advertised(const Machine& machine, const Pmu& pmu, std::uint64_t config) {
    constexpr std::uint64_t code_bits = 0xffff; // "event" is config:0-15 on every such PMU
    const std::uint64_t code = config & code_bits;
    const bool is_pmuv3 = pmu.name.starts_with("armv8") || pmu.name.starts_with("armv9");
    if (!machine.arch().starts_with("aarch64") || !pmu.core || !is_pmuv3 || !is_architected(code))
        return {};
    if (pmu.events.empty()) // not captured, or hidden: that says nothing about the CPU
        return {};
    for (const auto& [name, event] : pmu.events) {
        std::string problem;
        const std::optional<Pmu::Encoded> encoded = pmu.encode(event.terms, problem);
        if (encoded && (encoded->config & code_bits) == code)
            return {};
    }
    return make_reason(Cause::not_on_this_cpu, pmu.name + " does not list event " + hexadecimal(code));
}

Expected<Event> event_of_terms(const Machine& machine, const Pmu& pmu, std::string_view terms) {
    if (const std::optional<std::string_view> key = missing_value(pmu, terms))
        return syntax_error("PMU event: needs a value for " + quoted(*key), pmu.name + "/" + std::string(terms) + "/",
                            pmu.name.size() + 1,
                            "add it: " + pmu.name + "/" + printable(terms) + "," + std::string(*key) + "=.../");
    Expected<Event> event = Encoder(pmu, terms).encode();
    if (event)
        event->unavailable = not_advertised(machine, pmu, event->config);
    return event;
}

Resolved resolve_sysfs(std::string_view name, const Machine& machine) {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const std::string_view pmu_name = name.substr(0, slash);
    const std::string_view rest = name.substr(slash + 1);
    const std::size_t closing = rest.find('/');
    if (closing == std::string_view::npos)
        return syntax_error("PMU event: '/' is not closed", name, slash);
    if (closing + 1 != rest.size())
        return syntax_error("PMU event: text after the closing '/'", name, slash + 1 + closing + 1);

    const std::vector<const Pmu*> units = units_of(machine, pmu_name);
    if (units.empty())
        return Error(ErrorKind::unknown_name, Stage::resolve,
                     "there is no PMU " + quoted(pmu_name) + " for " + quoted(name), pmus_hint(pmu_name, machine))
            .with_subject(printable(name));
    Expected<Event> event = event_of_terms(machine, *units.front(), rest.substr(0, closing));
    if (!event)
        return std::move(event.error()).with_subject(printable(name));
    for (std::size_t i = 1; i < units.size(); ++i)
        event->more_units.push_back({units[i]->type, units[i]->cpumask});
    event->name = name;
    return event;
}

} // namespace pmc
