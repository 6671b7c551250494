#pragma once

#include <map>
#include <string>
#include <vector>

/// How often a program made each system call, by number, on its first thread, its end not counted. As strace tells it,
/// by the same means (ptrace).
std::map<long, int> system_calls(const std::vector<std::string>& argv, const std::vector<std::string>& environment);
