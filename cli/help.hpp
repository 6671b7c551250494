#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace cli {

/// CLI11's help with a usage line of ours, and a plain name for each option's value: 2.1 can't be told so otherwise.
class HelpFormatter : public CLI::Formatter {
public:
    explicit HelpFormatter(std::string usage);
    std::string make_usage(const CLI::App* app, std::string name) const override;
    std::string make_option_opts(const CLI::Option* option) const override;

private:
    std::string usage_;
};

/// The whole help, its sections a line apart.
std::string help_of(const CLI::App& app);

extern const char* const run_usage;
extern const char* const run_examples;
extern const char* const list_usage;
extern const char* const list_examples;
extern const char* const compare_usage;
extern const char* const compare_examples;
extern const char* const gate_usage;
extern const char* const gate_examples;
extern const char* const doctor_usage;
extern const char* const doctor_examples;

} // namespace cli
