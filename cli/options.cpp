#include "options.hpp"

#include "command_line.hpp"
#include "compare_arguments.hpp"
#include "form_options.hpp"
#include "help.hpp"
#include "run_arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace cli {
namespace {

Options parse_list(std::vector<std::string> arguments) {
    CLI::App app{"Lists metrics and events.", "pmcstat list"};
    add_help(app);
    app.formatter(std::make_shared<HelpFormatter>(list_usage));
    ListOptions options;
    std::string level;
    app.add_option("WORD", options.word, "only what has this word in its name or description")->option_text(" ");
    add_tables(app, options.tables);
    app.add_option("--cpu", options.cpu, "as it would be on another CPU: zen4, midr-41-d40 (see pmcstat list cpus)")
        ->option_text("ID");
    std::string format;
    app.add_option("--format", format, "text (default) or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->option_text("FORMAT");
    add_log_level(app, level);
    app.footer(list_examples);
    return parse_words(app, std::move(arguments), level, [&]() -> Options {
        options.format = format_of(format);
        return options;
    });
}

Options parse_gate(std::vector<std::string> arguments) {
    CLI::App app{"Judges what was measured before.", "pmcstat gate"};
    add_help(app);
    app.formatter(std::make_shared<HelpFormatter>(gate_usage));
    GateDocumentOptions options;
    std::string level;
    GateArguments gate;
    app.add_option("--input", options.input,
                   "a document of --format json, of measure() or of regions (PMC_REPORT); - is stdin")
        ->option_text("FILE")
        ->required();
    app.add_option("--region", options.region, "judge this region alone")->option_text("NAME");
    app.add_option("-o,--output", options.output, "write the verdicts to a file instead of stdout")
        ->option_text("FILE");
    std::string format;
    app.add_option("--format", format, "text (default) or json (the document, with the verdicts)")
        ->check(CLI::IsMember({"text", "json"}))
        ->option_text("FORMAT");
    gate.add_to_document(app);
    add_log_level(app, level);
    app.footer(gate_examples);
    return parse_words(app, std::move(arguments), level, [&]() -> Options {
        pmc::Expected<GateOptions> asked = gate.options();
        if (!asked)
            return usage_error(asked.error());
        options.gate = *std::move(asked);
        options.as_json = format == "json";
        if (options.as_json && options.gate.github && options.output.empty())
            return usage_error("--format json and --github both write to stdout", "add -o FILE");
        if (!options.gate.has_gate() && options.gate.explain.empty())
            return usage_error("gate: nothing is asked", "add --assert, --baseline or --explain");
        return options;
    });
}

Options parse_doctor(std::vector<std::string> arguments) {
    CLI::App app{"Tells why there are no counters, and what to do.", "pmcstat doctor"};
    add_help(app);
    app.formatter(std::make_shared<HelpFormatter>(doctor_usage));
    DoctorOptions options;
    std::string level;
    app.add_flag("--self-test", options.self_test, "count loops whose instructions are known: are the counters right?");
    app.add_option("--capture", options.capture,
                   "write what a bug report needs of this machine to a tar file: nothing of its users")
        ->option_text("FILE");
    std::string format;
    app.add_option("--format", format, "text (default) or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->option_text("FORMAT");
    add_tables(app, options.tables);
    add_log_level(app, level);
    app.footer(doctor_examples);
    return parse_words(app, std::move(arguments), level, [&]() -> Options {
        if (!options.capture.empty() && (options.self_test || !format.empty()))
            return usage_error(options.self_test ? "--capture and --self-test: one at a time"
                                                 : "--capture: its form is a tar file, whatever --format says",
                               "see pmcstat doctor --help");
        options.as_json = format == "json";
        return options;
    });
}

} // namespace

Options parse_options(int argc, char** argv) {
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    constexpr std::pair<std::string_view, Options (*)(std::vector<std::string>)> subcommands[] = {
        {"list", parse_list}, {"gate", parse_gate}, {"compare", parse_compare}, {"doctor", parse_doctor}};
    for (const auto& [name, parse] : subcommands)
        if (!arguments.empty() && arguments.front() == name) {
            arguments.erase(arguments.begin());
            return parse(std::move(arguments));
        }
    return parse_run(std::move(arguments));
}

} // namespace cli
