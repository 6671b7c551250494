#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace pmc::test {

/// Sets an environment variable for a test's length.
class EnvironmentVariable {
public:
    EnvironmentVariable(const char* name, const std::string& value) : name_(name), before_(value_of(name)) {
        setenv(name, value.c_str(), 1);
    }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
    ~EnvironmentVariable() {
        if (before_)
            setenv(name_, before_->c_str(), 1);
        else
            unsetenv(name_);
    }

private:
    static std::optional<std::string> value_of(const char* name) {
        const char* const value = std::getenv(name);
        return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
    }
    const char* name_;
    std::optional<std::string> before_;
};

} // namespace pmc::test
