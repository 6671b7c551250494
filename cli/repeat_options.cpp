#include "repeat_options.hpp"

#include "number_list.hpp"

#include <CLI/CLI.hpp>

namespace cli {
namespace {

using pmc::Expected;

// More would fill the memory with samples before the machine's year is over.
constexpr int most_runs = 1'000'000;

constexpr const char* often = "How often, how quietly, as whom";

} // namespace

void RepeatArguments::add_to(CLI::App& app) {
    app.add_flag("--calibrate", calibrate_, "the command against itself: the smallest change that this machine can see")
        ->group(often);
    add_quiet_to(app);
}

void RepeatArguments::add_quiet_to(CLI::App& app) {
    app.add_option("-r,--repeat", runs_,
                   "run the command so often; tell the medians, how sure they are, and what strays")
        ->option_text("N")
        ->group(often);
    app.add_option("--warmup", warmup_, "runs before those, that do not count")->option_text("K")->group(often);
    app.add_flag("--allow-failures", allow_failures_, "go on when a run fails; such runs count like the others")
        ->group(often);
    app.add_option("--pin", cpu_, "run the command on this CPU; a run that leaves it is replaced")
        ->option_text("CPU")
        ->group(often);
    app.add_flag("--no-aslr", fixed_addresses_, "run it at the same addresses each time")->group(often);
    app.add_flag("--fixed-env", fixed_environment_,
                 "run it in an environment that has the same size everywhere: PATH, HOME, LANG=C.UTF-8 and little else")
        ->group(often);
    app.add_option("--user", user_,
                   "run it as this user (a name, or a number), with his groups; root alone can do that")
        ->option_text("NAME")
        ->group(often);
}

std::string RepeatArguments::first_of_repeats() const {
    return runs_ ? "-r" : warmup_ ? "--warmup" : allow_failures_ ? "--allow-failures" : calibrate_ ? "--calibrate" : "";
}

std::string RepeatArguments::first() const {
    if (std::string option = first_of_repeats(); !option.empty())
        return option;
    return cpu_ ? "--pin" : fixed_addresses_ ? "--no-aslr" : fixed_environment_ ? "--fixed-env" : user_ ? "--user" : "";
}

Expected<RepeatOptions> RepeatArguments::options() const {
    RepeatOptions options{.allow_failures = allow_failures_,
                          .calibrate = calibrate_,
                          .fixed_addresses = fixed_addresses_,
                          .fixed_environment = fixed_environment_};
    if (runs_) {
        const Expected<int> runs = whole_number("-r", *runs_, 1, most_runs);
        if (!runs)
            return runs.error();
        options.runs = static_cast<unsigned>(*runs);
    }
    if (warmup_) {
        const Expected<int> warmup = whole_number("--warmup", *warmup_, 0, most_runs);
        if (!warmup)
            return warmup.error();
        options.warmup = static_cast<unsigned>(*warmup);
    }
    if (cpu_) {
        const Expected<int> cpu = whole_number("--pin", *cpu_, 0, most_runs);
        if (!cpu)
            return cpu.error();
        options.cpu = *cpu;
    }
    if (user_) {
        Expected<pmc::User> user = pmc::find_user(*user_);
        if (!user)
            return user.error();
        options.user = *std::move(user);
    }
    return options;
}

} // namespace cli
