/* A C11 program outside the tree, built against the installed library; C++ must be able to compile it too. */
#include <pmc/pmc.h>

#include <stdio.h>
#include <string.h>

/* As an application's own code: dormant, unless somebody measures. */
static double work(pmc_region* region) {
    double sum = 0;
    pmc_region_begin(region);
    for (int i = 0; i < 1000; ++i)
        sum += i;
    return pmc_region_end(region) == PMC_OK ? sum : -1;
}

int main(void) {
    pmc_group* counters = NULL;
    if (pmc_open(&counters, "task-clock", 0) != PMC_OK) {
        fprintf(stderr, "%s\n  hint: %s\n", pmc_error_message(), pmc_error_hint());
        return 1;
    }
    pmc_region* const region = pmc_region_named("work");
    pmc_reading before, after, spent;
    pmc_read(counters, &before);
    const double sum = work(region);
    pmc_read(counters, &after);
    pmc_subtract(&spent, &after, &before);
    double nanoseconds = 0;
    const bool counted = pmc_value(&spent, 0, &nanoseconds);
    pmc_close(counters);
    printf("libpmc from C: %.0f ns for %.0f\n", nanoseconds, sum);

    const bool refused = pmc_open(&counters, "no-such-event", 0) == PMC_UNKNOWN_NAME && counters == NULL &&
                         strstr(pmc_error_message(), "no-such-event") != NULL;
    char* const report = pmc_report_json();
    const bool reported = report != NULL && report[0] == '{';
    pmc_free(report);
    return counted && sum == 499500 && refused && reported ? 0 : 1;
}
