#pragma once

#include "output.hpp"

#include <pmc/expected.hpp>
#include <pmc/result.hpp>

#include <optional>
#include <string>

namespace cli {

/// What a run is compared with: a document, or a folder with one for each machine (see pmc::baseline_name).
class Baseline {
public:
    /// Reads the file; a folder is only looked at. Errors: io, and those of a document that is none.
    static pmc::Expected<Baseline> open(const std::string& path);

    /// The document for this one. Errors: not_available (the folder has none for it), and as above.
    [[nodiscard]] pmc::Expected<pmc::Result> for_run(const pmc::Result& run) const;

private:
    std::string path_;
    std::optional<pmc::Result> document_; ///< none: a folder
};

/// Where one is saved: a file, or a folder in which it gets the name of its machine. Never half-written.
class BaselinePlace {
public:
    /// Tried before anything runs. Errors: io.
    static pmc::Expected<BaselinePlace> open(const std::string& path);

    /// Returns the file's path. Errors: io.
    pmc::Expected<std::string> save(const pmc::Result& result);

private:
    std::string path_;
    std::optional<Output> file_; ///< none: a folder
};

} // namespace cli
