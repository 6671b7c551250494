#include "kernel/canary.hpp"

#include "kernel/page_size.hpp"

#include <cstdio>
#include <exception>
#include <linux/perf_event.h>
#include <string>
#include <utility>

namespace pmc::kernel {
namespace {

UniqueFd open_counter(pid_t process) noexcept {
    perf_event_attr attr{};
    attr.size = sizeof attr;
    attr.type = PERF_TYPE_SOFTWARE;
    attr.config = PERF_COUNT_SW_DUMMY;
    attr.disabled = 1;
    attr.exclude_kernel = 1;
    return UniqueFd(perf_event_open(&attr, process, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

/// Whether these are the ids (real, effective, saved) of a setuid program: the real one stays, the others become its
/// owner's. Who drops its rights changes all three, who lays them down for a while the effective one alone.
bool are_by_exec(const std::string& now, const std::string& before) noexcept {
    struct Ids {
        unsigned real = 0, effective = 0, saved = 0;
    };
    const auto ids_in = [](const std::string& text) {
        Ids ids;
        const int read = std::sscanf(text.c_str(), "%u %u %u", &ids.real, &ids.effective, &ids.saved);
        return read == 3 ? ids : Ids();
    };
    const Ids then = ids_in(before);
    const Ids ids = ids_in(now);
    return ids.real == then.real && ids.effective != ids.real && ids.saved == ids.effective &&
           then.effective == then.real;
}

} // namespace

Canary::Canary(pid_t process) : process_(process), fd_(open_counter(process)) {
    if (fd_)
        page_ = perf_mmap(fd_.get(), page_size());
    if (page_ == nullptr)
        fd_.reset();
    rights_ = rights_of(process);
}

Canary::Canary(Canary&& other) noexcept
    : process_(other.process_),
      fd_(std::move(other.fd_)),
      page_(std::exchange(other.page_, nullptr)),
      rights_(std::move(other.rights_)) {}

Canary& Canary::operator=(Canary&& other) noexcept {
    std::swap(process_, other.process_);
    std::swap(fd_, other.fd_);
    std::swap(page_, other.page_);
    std::swap(rights_, other.rights_);
    return *this;
}

Canary::~Canary() {
    if (page_ != nullptr)
        perf_munmap(page_, page_size());
}

bool Canary::is_dead() const noexcept {
    try {
        return have_rights_changed();
    } catch (const std::exception&) { // no memory for what /proc says
        return false;
    }
}

bool Canary::have_rights_changed() const {
    const std::optional<Rights> now = rights_of(process_);
    if (!now || !rights_)
        return false;
    if (!is_ending(process_))
        return *now != *rights_;
    // It was too fast for us. But who has no rights gets other ones by such a program alone; who has some may take them
    // on and off, though hardly as that program's exec does it.
    const bool has_changed = now->users != rights_->users || now->groups != rights_->groups;
    return (!rights_->has_capabilities() && has_changed) || are_by_exec(now->users, rights_->users) ||
           are_by_exec(now->groups, rights_->groups);
}

} // namespace pmc::kernel
