#pragma once

#include <sys/resource.h>

/// What keeps a child from counting, before it becomes what is tested: for process::Setting::in_child. A child that
/// can't be made so ends with status 99.
namespace denied {

/// perf_event_open fails so, by a filter of system calls, for this process and all that it becomes.
void perf_event_open(int error);
/// Root becomes somebody who may do little; anybody else stays who he is.
void become_nobody();
/// Root of a user namespace of its own, who is nobody outside; where that is root's to make, root outside.
void enter_user_namespace();
/// Not one more than that, and no raising it.
void allow_files(rlim_t files);

} // namespace denied
