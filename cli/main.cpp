#include "errors.hpp"
#include "list.hpp"
#include "options.hpp"
#include "run.hpp"
#include "status.hpp"

#include <exception>

int main(int argc, char** argv) {
    try {
        const cli::Options options = cli::parse_options(argc, argv);
        if (const auto* const run = std::get_if<cli::RunOptions>(&options))
            return cli::run(*run);
        if (const auto* const list = std::get_if<cli::ListOptions>(&options))
            return cli::list(*list);
        return std::get<cli::Finished>(options).status;
    } catch (const std::exception& error) {
        // Out of memory, or a fault of ours: still one line, and a status that says it was pmcstat.
        cli::print_error(error.what());
        return cli::status::failed;
    }
}
