/* libpmc from C: the counters of a piece of this program, and a region of it.
 *
 *     ./from_c                                                    # counts by itself
 *     PMC_EVENTS=cycles,instructions PMC_REPORT=- ./from_c        # and says at its end what its region cost */
#include <pmc/pmc.h>

#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 200, COLUMNS = 500 };

static unsigned work(void) {
    unsigned sum = 0;
    for (unsigned i = 1; i <= COLUMNS; ++i)
        sum = sum * 31 + i;
    return sum;
}

/* A region has a name. While nobody measures, to pass through it costs a few instructions. */
static unsigned row(pmc_region* region) {
    pmc_region_begin(region);
    const unsigned sum = work();
    pmc_region_end(region);
    return sum;
}

static unsigned all_rows(void) {
    pmc_region* const region = pmc_region_named("row");
    unsigned sum = 0;
    for (unsigned i = 0; i < ROWS; ++i)
        sum = sum * 7 + row(region) + i;
    return sum;
}

int main(void) {
    pmc_group* counters = NULL;
    if (pmc_open(&counters, "cycles,instructions", 0) != PMC_OK) {
        /* No PMU, or no right to it: the program goes on without counters. */
        printf("no counters: %s\n", pmc_error_message());
        if (pmc_error_hint()[0] != '\0')
            printf("  hint: %s\n", pmc_error_hint());
        printf("the work gives %u all the same\n", all_rows());
        return EXIT_SUCCESS;
    }

    pmc_reading before, after, spent;
    pmc_read(counters, &before);
    const unsigned sum = all_rows();
    pmc_read(counters, &after);
    pmc_subtract(&spent, &after, &before);

    printf("the work gives %u\n", sum);
    double cycles = 0;
    double instructions = 0;
    /* False: it was not counted. That is never a 0. */
    if (pmc_value(&spent, 0, &cycles) && pmc_value(&spent, 1, &instructions))
        printf("%.0f instructions, %.0f cycles: %.2f instructions per cycle\n", instructions, cycles,
               instructions / cycles);
    else
        printf("the counters were not on the processor\n");
    pmc_close(counters);
    return EXIT_SUCCESS;
}
