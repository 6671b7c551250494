#ifndef PMC_PMC_H
#define PMC_PMC_H

/* libpmc in C: groups of counters, their readings, and regions of a program. C11 with GNU's atomic built-ins (gcc and
 * clang have them); C++ may include it too. What the words mean is told in the C++ headers of the same names
 * (counter_group.hpp, reading.hpp, region.hpp).
 *
 *     pmc_group* counters = NULL;
 *     if (pmc_open(&counters, "cycles,instructions", 0) != PMC_OK)
 *         fprintf(stderr, "%s\n  hint: %s\n", pmc_error_message(), pmc_error_hint());
 *     pmc_reading before, after, spent;
 *     pmc_read(counters, &before);
 *     work();
 *     pmc_read(counters, &after);
 *     pmc_subtract(&spent, &after, &before);
 *     double instructions;
 *     if (pmc_value(&spent, 1, &instructions))
 *         printf("%.0f instructions\n", instructions);
 *     pmc_close(counters);
 *
 * NULL is allowed everywhere, and met as each function says. No function prints, ends the program or throws. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PMC_C_API __attribute__((visibility("default")))

/* NOLINTBEGIN(modernize-use-using): it is C */
#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors ---- */

/* How a call ended. What is not PMC_OK has a message and mostly a hint. */
typedef enum pmc_status {
    PMC_OK = 0,
    PMC_SYNTAX,        /* an event list or a formula can't be read */
    PMC_UNKNOWN_NAME,  /* no event or metric has this name */
    PMC_NOT_AVAILABLE, /* it exists, but can't be counted here: see pmc_error_cause() */
    PMC_COMMAND,       /* a command could not be started */
    PMC_IO,            /* a file could not be read or written */
    PMC_FORMAT,        /* a document is not what it should be */
    PMC_MISUSE,        /* the caller asked for something that has no meaning, such as a group of NULL */
    PMC_OUT_OF_MEMORY  /* of this process; where the kernel has none, it is PMC_NOT_AVAILABLE */
} pmc_status;

/* Of the last call that failed on this thread: what was wrong, and what to do about it, one line each. Never NULL;
 * empty if none failed or there is nothing to say. Valid until the next call that fails on this thread. */
PMC_C_API const char* pmc_error_message(void);
PMC_C_API const char* pmc_error_hint(void);
/* The stable name of the cause, for programs: "no_virtual_pmu", "paranoid", …; "none" where there is none. */
PMC_C_API const char* pmc_error_cause(void);
/* errno of the system call that failed, or 0. */
PMC_C_API int pmc_error_errno(void);

/* ---- Groups of counters ---- */

/* One kernel counter group on the thread that opened it, user mode unless a modifier says otherwise. Its counters run
 * until it is closed; a measurement is the difference of two readings. In a fork's child it is not counted. */
typedef struct pmc_group pmc_group;

/* Flags of pmc_open(). */
enum {
    /* Never read by the processor's own instruction, for a program that may lose the right to it while it runs. */
    PMC_READ_BY_SYSTEM_CALL = 1
};

/* How a group is read. */
typedef enum pmc_path {
    PMC_USER_READ,   /* by the processor's own instruction: pmc_read() makes no system call */
    PMC_SYSTEM_CALL, /* by one read() for the whole group */
    PMC_MODEL        /* it is a model's, in a program that pmcstat runs under callgrind, which is asked */
} pmc_path;

/* Opens a group of up to PMC_MAX_COUNTERS `events`, an event list: "cycles,instructions". All are counted together, or
 * the group does not open. *group is NULL after a failure. Any status; PMC_MISUSE also for NULL and unknown flags. */
PMC_C_API pmc_status pmc_open(pmc_group** group, const char* events, unsigned flags);
/* Closes it. Readings of it stay what they are. NULL: nothing to do. */
PMC_C_API void pmc_close(pmc_group* group);

/* Number of counters; 0 of NULL. */
PMC_C_API unsigned pmc_size(const pmc_group* group);
/* The event of a counter as it was asked for, valid until the group is closed; empty if there is no such counter. */
PMC_C_API const char* pmc_name(const pmc_group* group, unsigned index);
/* How it is read; of NULL PMC_SYSTEM_CALL. */
PMC_C_API pmc_path pmc_read_path(const pmc_group* group);
/* Why not by the processor's own instruction, and what to do about it; empty if it is, and if there is nothing to do.
 * Valid until the group is closed. */
PMC_C_API const char* pmc_read_path_reason(const pmc_group* group);
PMC_C_API const char* pmc_read_path_hint(const pmc_group* group);

/* ---- Readings ---- */

enum { PMC_MAX_COUNTERS = 16 };

/* A snapshot of a group's counters, or the difference of two: plain data, to be copied at will. A reading of zeros
 * ({{0}}) has no counter; one that nobody wrote to must not be looked at. */
typedef struct pmc_reading {
    uint64_t opaque[24];
} pmc_reading;

/* The group's counters now. No lock, no allocation; no system call where pmc_read_path() is PMC_USER_READ, on the
 * thread that opened the group. A group that is not on the PMU any more gives a reading that is not counted; NULL one
 * without counters. */
PMC_C_API void pmc_read(const pmc_group* group, pmc_reading* reading);

/* difference = later - earlier, two snapshots of one group; it may be one of the two. Snapshots of different groups
 * give a difference that is not counted, and so does NULL. */
PMC_C_API void pmc_subtract(pmc_reading* difference, const pmc_reading* later, const pmc_reading* earlier);

/* The count of the counter `index`, in the order of the events, as estimated for the whole time that it was enabled:
 * what was counted, if pmc_coverage() is 1. Unit: the event's. False if it was not counted, which is never 0, or if
 * there is no such counter: *value is untouched then. */
PMC_C_API bool pmc_value(const pmc_reading* reading, unsigned index, double* value);
/* What the counter itself said, not scaled; 0 when not counted. */
PMC_C_API uint64_t pmc_raw(const pmc_reading* reading, unsigned index);
/* The share of the enabled time that it was on the PMU, 0 to 1; 0 when not counted. */
PMC_C_API double pmc_coverage(const pmc_reading* reading, unsigned index);
/* How long the group was enabled while its thread was on a CPU, and how long of that it was on the PMU, in ns. */
PMC_C_API uint64_t pmc_enabled_ns(const pmc_reading* reading);
PMC_C_API uint64_t pmc_running_ns(const pmc_reading* reading);

/* ---- Regions ---- */

/* A name for a piece of code. While nobody measures, it costs next to nothing to pass through it; measuring is on where
 * PMC_EVENTS or PMC_REPORT is in the environment, and after pmc_enable().
 *
 *     static pmc_region* parse;                  // once: parse = pmc_region_named("parse");
 *     pmc_region_begin(parse);
 *     …
 *     pmc_region_end(parse); */
typedef struct pmc_region pmc_region;

/* The region of this name, which is copied. Equal names are one region, in C and C++; it is never freed. It looks the
 * name up, so ask once and keep it. NULL if there is no memory, or for NULL. */
PMC_C_API pmc_region* pmc_region_named(const char* name);

/* Turns measuring on for the whole process. `events`: an event list or metrics, as for `pmcstat -e`; NULL or empty:
 * what PMC_EVENTS says, or ipc. What can't be counted here is no error: the report says why. PMC_SYNTAX,
 * PMC_UNKNOWN_NAME, PMC_MISUSE (it was on with another list before: one list serves a process for its life). */
PMC_C_API pmc_status pmc_enable(const char* events);
/* Turns it off. Passages that are open are still measured; what was measured stays for the report. */
PMC_C_API void pmc_disable(void);
PMC_C_API bool pmc_is_measuring(void);
/* Opens the calling thread's counters now, rather than in its first region. Nothing happens while measuring is off. */
PMC_C_API void pmc_attach_thread(void);

/* What the regions of all threads came to so far: as one JSON document, and as a table for people (empty if there is
 * nothing). To be given to pmc_free(). NULL if there is no memory. */
PMC_C_API char* pmc_report_json(void);
PMC_C_API char* pmc_report_text(void);
PMC_C_API void pmc_free(char* report);

/* What the two functions below are made of; to be called by them alone. */
PMC_C_API void pmc_begin_passage(pmc_region* region);
PMC_C_API pmc_status pmc_end_passage(pmc_region* region);
/* Not 0: somebody measures, or it is not known yet. It is pmc::detail::measuring, the flag that pmc::Scope looks at. */
extern PMC_C_API uint64_t pmc_measuring_flag __asm__("_ZN3pmc6detail9measuringE");
/* Not 0: a passage was measured, so that every end may be the end of one, even if nobody measures any more. */
extern PMC_C_API uint64_t pmc_passages_flag;

/* Begins a passage through the region, on any thread, nested and recursive. NULL: nothing. */
static inline void pmc_region_begin(pmc_region* region) {
    if (__builtin_expect((__atomic_load_n(&pmc_measuring_flag, __ATOMIC_RELAXED) |
                          __atomic_load_n(&pmc_passages_flag, __ATOMIC_RELAXED)) != 0,
                         0))
        pmc_begin_passage(region);
}

/* Ends the passage that this thread began last, which must be one through this region. While passages are measured it
 * tells misuse (PMC_MISUSE): NULL; a region that this thread has not begun, or began before measuring was first turned
 * on; one within which others were begun and not ended. The report counts as dropped what was ended without a
 * beginning, and what was not ended. Otherwise PMC_OK. */
static inline pmc_status pmc_region_end(pmc_region* region) {
    if (__builtin_expect((__atomic_load_n(&pmc_measuring_flag, __ATOMIC_RELAXED) |
                          __atomic_load_n(&pmc_passages_flag, __ATOMIC_RELAXED)) != 0,
                         0))
        return pmc_end_passage(region);
    return PMC_OK;
}

#ifdef __cplusplus
} /* extern "C" */
#endif
/* NOLINTEND(modernize-use-using) */

#endif /* PMC_PMC_H */
