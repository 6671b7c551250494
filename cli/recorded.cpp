#include "recorded.hpp"

#include "input_file.hpp"

#include <cstring>
#include <fmt/format.h>

namespace cli {

using pmc::Expected;
using pmc::Result;

std::string file_name(const std::string& path) {
    return path == "-" ? "stdin" : path;
}

Expected<Result> read_result(const std::string& path, const std::string& hint) {
    std::string text;
    if (const int error = InputFile(path).read_all(text); error != 0)
        return pmc::Error(pmc::ErrorKind::io, pmc::Stage::document,
                          fmt::format("cannot read {}: {}", file_name(path), std::strerror(error)), hint)
            .with_errno(error);
    Expected<Result> result = Result::from_json(text);
    if (!result)
        return pmc::Error(result.error().kind(), result.error().stage(),
                          fmt::format("{}: {}", file_name(path), result.error().message()), result.error().hint());
    return result;
}

} // namespace cli
