#pragma once

#include <pmc/expected.hpp>
#include <pmc/export.hpp>
#include <pmc/machine.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pmc {

/// What is known of CPUs and metrics: which event plays which role on which CPU, and which formula makes a metric of
/// them. Those compiled in, and a user's own over them. Cheap to copy.
///
///     auto tables = pmc::Tables::builtin().with_file("mine.json");
///     if (!tables) return fail(tables.error());             // file, place, what
///     auto set = pmc::MetricSet::parse("my_metric", pmc::Machine::host(), *tables);
class PMC_API Tables {
public:
    /// Those compiled in.
    static const Tables& builtin();
    /// Those compiled in, with the files named by PMC_TABLES (separated by ':') over them. The variable is ignored in a
    /// program that runs with more rights than its user. Errors: as with_file.
    static Expected<Tables> from_environment();

    /// With the metrics, roles and CPUs of one document over these; see events/README.md. Errors: format, with the
    /// file, the place and what is wrong there; io (it can't be read). Nothing of a faulty document is taken.
    [[nodiscard]] Expected<Tables> with_file(const std::string& path) const;
    /// The same of text; `name` stands for the file in messages.
    [[nodiscard]] Expected<Tables> with_document(std::string_view json, std::string_view name) const;

    /// A CPU that there is a table for.
    struct Cpu {
        std::string id;                 ///< "zen4"
        std::string title;              ///< "AMD Zen 4"
        std::vector<std::string> match; ///< "AuthenticAMD-25-1?"
    };
    [[nodiscard]] std::vector<Cpu> cpus() const;
    /// A machine with this CPU, to ask what would be counted there: a table's id ("zen4") or a CPU's ("midr-41-d40").
    /// It has the PMUs of the table, and no kernel to try anything on. Errors: unknown_name, with suggestions.
    [[nodiscard]] Expected<Machine> machine(std::string_view cpu) const;

    struct State;
    [[nodiscard]] const State& state() const noexcept { return *state_; }
    explicit Tables(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}

private:
    std::shared_ptr<const State> state_;
};

} // namespace pmc
