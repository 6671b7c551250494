// Runs pmcstat as a person would. Suites whose name begins with "lab" need the lab's machine (a PMU that is known); all
// others hold on every machine, with a PMU or without.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
