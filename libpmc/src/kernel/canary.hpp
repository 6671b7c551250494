#pragma once

#include "kernel/process.hpp"
#include "kernel/unique_fd.hpp"

#include <optional>
#include <sys/types.h>

namespace pmc::kernel {

/// Tells that the kernel has ended the counters of a process that goes on: it does so, whosever they are, when the
/// process executes a program that runs with other rights than its user's (setuid, capabilities) or that the user may
/// not read. What is read of the counters afterwards is what they had until then, and no sign of it.
///
/// It is a counter of its own, of nothing, that was never started. Where the kernel refuses it, or its page, nothing is
/// heard: then the process's rights alone can be looked at.
class Canary {
public:
    explicit Canary(pid_t process);
    Canary(Canary&& other) noexcept;
    Canary& operator=(Canary&& other) noexcept;
    ~Canary();

    /// poll() finds it hung up when its counter has ended. -1: there is none.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] pid_t process() const noexcept { return process_; }
    /// Once its counter has ended: whether that was before the process did. It also ends with the process, and when
    /// another of its threads executes a program and takes the first one's place, with the same rights. Without a
    /// counter: whether it may be so; the process may as well have changed its rights by itself. Not if that can't be
    /// known.
    [[nodiscard]] bool is_dead() const noexcept;

private:
    [[nodiscard]] bool have_rights_changed() const;

    pid_t process_;
    UniqueFd fd_;
    void* page_ = nullptr;         ///< without a page poll() says at any time that it is hung up
    std::optional<Rights> rights_; ///< of the process, at first
};

} // namespace pmc::kernel
