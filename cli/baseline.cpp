#include "baseline.hpp"

#include "recorded.hpp"

#include <pmc/gate.hpp>

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cli {
namespace {

using pmc::Expected;
using pmc::Result;

constexpr const char* what_it_is = "give --baseline a file that --save-baseline wrote, or a folder of such files";

bool is_folder(const std::string& path) noexcept {
    struct stat what {};
    return stat(path.c_str(), &what) == 0 && S_ISDIR(what.st_mode);
}

std::string path_in(const std::string& folder, const Result& run) {
    return folder + (folder.ends_with('/') ? "" : "/") + pmc::baseline_name(run);
}

} // namespace

Expected<Baseline> Baseline::open(const std::string& path) {
    Baseline baseline;
    baseline.path_ = path;
    if (is_folder(path))
        return baseline;
    Expected<Result> document = read_result(path, what_it_is);
    if (!document)
        return document.error();
    baseline.document_ = *std::move(document);
    return baseline;
}

Expected<Result> Baseline::for_run(const Result& run) const {
    if (document_)
        return *document_;
    const std::string path = path_in(path_, run);
    if (access(path.c_str(), F_OK) != 0 && errno == ENOENT)
        return pmc::Error(pmc::ErrorKind::not_available, pmc::Stage::document,
                          "there is no baseline of this machine: " + path,
                          fmt::format("make one here with --save-baseline {}", path_));
    return read_result(path, what_it_is);
}

Expected<BaselinePlace> BaselinePlace::open(const std::string& path) {
    BaselinePlace place;
    place.path_ = path;
    if (is_folder(path)) {
        if (access(path.c_str(), W_OK | X_OK) != 0)
            return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document,
                              fmt::format("cannot write into {}: {}", path, std::strerror(errno)),
                              "give --save-baseline a folder that you may write to")
                .with_errno(errno);
        return place;
    }
    Expected<Output> file = Output::open(path);
    if (!file)
        return pmc::Error(file.error().kind(), file.error().stage(), file.error().message(),
                          "give --save-baseline a path that you may write to")
            .with_errno(file.error().error_number());
    // A file that can only be overwritten in its place would be half a baseline if that failed.
    struct stat what {};
    if (file->fd() >= 0 && fstat(file->fd(), &what) == 0 && S_ISREG(what.st_mode))
        return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document,
                          "cannot replace " + path + ": its folder can't be written to",
                          "give --save-baseline a path in a folder that you may write to");
    place.file_.emplace(*std::move(file));
    return place;
}

Expected<std::string> BaselinePlace::save(const Result& result) {
    const std::string text = result.to_json();
    if (file_) {
        const Expected<bool> written = file_->write(text);
        if (!written)
            return written.error();
        return path_;
    }
    const std::string path = path_in(path_, result);
    Expected<Output> file = Output::open(path);
    if (!file)
        return file.error();
    const Expected<bool> written = file->write(text);
    if (!written)
        return written.error();
    return path;
}

} // namespace cli
