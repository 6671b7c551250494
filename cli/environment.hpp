#pragma once

#include <string>

namespace cli {

/// A variable in pmcstat's own environment for as long as this lives: nothing changes if the user has set it.
class EnvironmentVariable {
public:
    /// Empty value: not set either.
    EnvironmentVariable(const char* name, const std::string& value);
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
    ~EnvironmentVariable();

private:
    const char* name_;
    bool ours_;
};

} // namespace cli
