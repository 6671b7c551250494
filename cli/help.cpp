#include "help.hpp"

#include <cstddef>
#include <utility>

namespace cli {

const char* const run_usage = "Usage: pmcstat [options] [--] command [argument...]\n"
                              "       pmcstat [options] -p PID|-a|-C LIST|-G NAME... [[--] command...]\n"
                              "       pmcstat --replay FILE [options]\n"
                              "       pmcstat compare [options] 'command' 'command'...\n"
                              "       pmcstat gate --input FILE [options]\n"
                              "       pmcstat list [WORD]\n"
                              "       pmcstat doctor [options]";

const char* const run_examples = R"(Examples:
  pmcstat ./app                        why is it slow? the standard metrics
  pmcstat -e ipc,llc -- ./app --fast   two metrics, counted together
  pmcstat -e '{cycles,instructions}:u' ./app
                                       events of one group, user mode only
  pmcstat -e 'apki=1000*cache_references/instructions' ./app
                                       a metric of your own
  pmcstat -p 4121 -I 1000              a running process, each second, until Ctrl-C
  pmcstat -a --per-core -e ipc -- sleep 5
                                       the whole machine for five seconds, by core
  pmcstat -e page-faults -o r.json --format json make
                                       the whole result, for a program to read
  pmcstat --backend model ./app        where there are no counters: under valgrind
  pmcstat --passes ./app               as many runs as it takes to share no counter
  pmcstat --replay r.json -e llc       another report of that run, without counting
  pmcstat list llc                     what is there about the last-level cache?
  pmcstat doctor                       why are there no counters, and what to do?

The command runs as it would without pmcstat, and pmcstat exits with its status
(128+N if signal N ended it). Without a command: 0, 130 after Ctrl-C, 128+N after
another signal. 120: a gate failed, 121: it could not be decided (not counted, or
not closely enough). 124: --timeout; 125: pmcstat failed; 126, 127: the command could
not be executed, was not found. The report goes to stderr.)";

const char* const list_usage = "Usage: pmcstat list [options] [WORD]";

const char* const list_examples = R"(Examples:
  pmcstat list                 every metric, then every event of every source
  pmcstat list llc             the metric llc in full, and what else has the word
  pmcstat list llc --cpu zen4  what it is on another CPU
  pmcstat list cpus            the CPUs that can be named there
  pmcstat list walk            all that has the word in its name or description
  pmcstat list sched:          the scheduler's tracepoints

Exits with 1 if nothing matches.)";

const char* const compare_usage = "Usage: pmcstat compare [options] 'command A' 'command B'...\n"
                                  "       pmcstat compare --results a.json b.json...";

const char* const compare_examples = R"(Examples:
  pmcstat compare './old -n 5' './new -n 5'
                               ten runs of each, in turns (A B, B A, ...)
  pmcstat compare -e task-clock,instructions:u -r 30 --pin 1 ./old ./new
                               more runs, on one CPU
  pmcstat compare --shell 'grep -c x big | cat' 'grep x big | wc -l'
                               a shell runs them, and is counted with them
  pmcstat compare --results monday.json today.json
                               what was recorded with -r and --format json

The commands are split into words as a shell does it, but no shell runs them; their
input is empty, and what they write to stdout goes nowhere. Each is compared with the
first. same: the change is surely within 0.5 %; no evidence: it may be either way.
Exits with the status of a command that fails, else 0.)";

const char* const gate_usage = "Usage: pmcstat gate --input FILE [options]";

const char* const gate_examples = R"(Examples:
  pmcstat gate --input parse.json --assert 'instructions:u<=12M'
  pmcstat gate --input regions.json --region parse --assert 'ipc>=1.2'
  pmcstat gate --input now.json --baseline main.json --max-regression 2%,cycles=1%

Exits with 0 if all holds, 120 if something does not, 121 if it can't be told.)";

const char* const doctor_usage = "Usage: pmcstat doctor [--self-test | --capture FILE] [options]";

const char* const doctor_examples = R"(Examples:
  pmcstat doctor               what can be counted here, what not, why, and what to do
  pmcstat doctor --self-test   are this machine's counters right?
  pmcstat doctor --capture machine.tar
                               what to add to a report of a fault

Everything is tried for real, as the user who runs it; nothing is changed. Exits with 0
if cycles and instructions count for a process of one's own, else with 1; with
--self-test, 0 if the counters are right, 1 if they are not or can't be tested.)";

HelpFormatter::HelpFormatter(std::string usage) : usage_(std::move(usage)) {
    column_width(28);
}

std::string HelpFormatter::make_usage(const CLI::App*, std::string) const {
    return usage_ + '\n';
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
    return option->get_type_size() == 0 ? std::string() : ' ' + option->get_option_text();
}

std::string help_of(const CLI::App& app) {
    std::string text = app.help();
    for (std::size_t at = 0; (at = text.find("\n\n\n", at)) != std::string::npos;)
        text.erase(at, 1);
    return text;
}

} // namespace cli
