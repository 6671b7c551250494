#pragma once

/// Processor and thread_pointer of the architecture that this is built for.
#if defined(__x86_64__) && defined(__LP64__)
#include "kernel/x86_64/counter_register.hpp"
#elif defined(__aarch64__) && defined(__AARCH64EL__) && defined(__LP64__)
#include "kernel/aarch64/counter_register.hpp"
#else
#include "kernel/none/counter_register.hpp"
#endif
