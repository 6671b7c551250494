#include "environment.hpp"

#include <cstdlib>

namespace cli {

EnvironmentVariable::EnvironmentVariable(const char* name, const std::string& value)
    : name_(name), ours_(!value.empty() && std::getenv(name) == nullptr) {
    if (ours_)
        setenv(name_, value.c_str(), 0);
}

EnvironmentVariable::~EnvironmentVariable() {
    if (ours_)
        unsetenv(name_);
}

} // namespace cli
