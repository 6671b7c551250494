#pragma once

/// PMC_API marks what the shared library exports; everything else is hidden.
#if defined(__GNUC__)
#define PMC_API __attribute__((visibility("default")))
#else
#define PMC_API
#endif
