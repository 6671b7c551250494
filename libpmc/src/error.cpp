#include <pmc/error.hpp>

#include <utility>

namespace pmc {

Error::Error(ErrorKind kind, Stage stage, std::string message, std::string hint)
    : kind_(kind), stage_(stage), message_(std::move(message)), hint_(std::move(hint)) {}

Error::Error(Stage stage, std::string event, Reason reason)
    : kind_(ErrorKind::not_available),
      stage_(stage),
      message_(event + ": " + reason.evidence),
      hint_(reason.remedy),
      subject_(std::move(event)),
      reason_(std::move(reason)) {}

Error& Error::with_errno(int error) & {
    reason_.error = error;
    return *this;
}

Error&& Error::with_errno(int error) && {
    return std::move(with_errno(error));
}

Error&& Error::with_subject(std::string subject) && {
    subject_ = std::move(subject);
    return std::move(*this);
}

Error&& Error::with_tried(std::vector<std::string> tried) && {
    tried_ = std::move(tried);
    return std::move(*this);
}

} // namespace pmc
