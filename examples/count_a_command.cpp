// What pmcstat does, from a program: run a command, count it with all its children, look at one metric.
//
//     ./count_a_command make -j4
#include <pmc/metric_set.hpp>
#include <pmc/session.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: count_a_command COMMAND [ARGUMENT...]\n", stderr);
        return EXIT_FAILURE;
    }
    auto set = pmc::MetricSet::parse("ipc,cpu,page-faults");
    if (!set) {
        std::fprintf(stderr, "%s\n", set.error().what());
        return EXIT_FAILURE;
    }
    auto session = pmc::Session::start(std::move(*set), {std::vector<std::string>(argv + 1, argv + argc)});
    if (!session) {
        std::fprintf(stderr, "%s\n", session.error().what());
        return EXIT_FAILURE;
    }
    const pmc::Result result = session->finish();
    for (const pmc::MetricValue& metric : result.samples.front().metrics) {
        if (metric.has_value())
            std::printf("%s: %.3f %s\n", metric.id.c_str(), metric.value(), metric.unit.c_str());
        else
            std::printf("%s: %s\n", metric.id.c_str(), metric.reason.evidence.c_str());
    }
    return result.run.status;
}
