#include "fake_callgrind.hpp"

#include <string_view>
#include <utility>

namespace fake {
namespace {

Callgrind* active = nullptr;

} // namespace

Callgrind::Callgrind(Answer answer) : answer_(std::move(answer)) {
    active = this;
}

Callgrind::~Callgrind() {
    active = nullptr;
}

bool Callgrind::read(const char* path, pmc::kernel::StatusReader& reader) {
    ++requests_;
    asked_log_ = path;
    const std::optional<std::string> text = answer_();
    if (!text)
        return false;
    for (std::string_view rest = *text; !rest.empty();) {
        const std::string_view piece = rest.substr(0, piece_);
        rest.remove_prefix(piece.size());
        if (!reader.take(piece))
            break;
    }
    return true;
}

} // namespace fake

namespace pmc::kernel {

const Callgrind* callgrind() {
    return fake::active != nullptr ? &fake::active->setting() : nullptr;
}

bool read_callgrind_status(const char* path, StatusReader& reader) noexcept {
    return fake::active != nullptr && fake::active->read(path, reader);
}

} // namespace pmc::kernel
