#pragma once

namespace pmc {

/// Sees to it that PMC_REPORT is written when the process ends by exit() or by return from main.
void report_at_exit();

} // namespace pmc
