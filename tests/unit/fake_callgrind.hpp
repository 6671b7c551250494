#pragma once

#include "kernel/callgrind.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

/// The unit tests' callgrind: the functions of kernel/callgrind.hpp. There is none, unless a Callgrind is alive.
namespace fake {

/// For the length of a test: a callgrind that answers as the test says. One at a time.
class Callgrind {
public:
    /// What its log has grown by after a request; nothing: it can't be read.
    using Answer = std::function<std::optional<std::string>()>;
    explicit Callgrind(Answer answer);
    Callgrind(const Callgrind&) = delete;
    Callgrind& operator=(const Callgrind&) = delete;
    ~Callgrind();

    /// How many characters a piece has.
    void cut_into(std::size_t size) { piece_ = size; }
    [[nodiscard]] std::size_t requests() const { return requests_; }
    [[nodiscard]] const std::string& asked_log() const { return asked_log_; }
    [[nodiscard]] const pmc::kernel::Callgrind& setting() const { return setting_; }

    // The seam.
    bool read(const char* path, pmc::kernel::StatusReader& reader);

private:
    Answer answer_;
    pmc::kernel::Callgrind setting_{"callgrind-0 made up", "/made/up/log."};
    std::size_t piece_ = 1024;
    std::size_t requests_ = 0;
    std::string asked_log_;
};

} // namespace fake
