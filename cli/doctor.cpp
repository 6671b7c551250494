#include "doctor.hpp"

#include "doctor_text.hpp"
#include "errors.hpp"
#include "output.hpp"
#include "print.hpp"
#include "status.hpp"
#include "tables.hpp"

#include <pmc/doctor.hpp>

#include <fmt/format.h>

namespace cli {
namespace {

int capture(const std::string& path, const pmc::Tables& tables) {
    pmc::Expected<Output> output = Output::open(path);
    if (!output) {
        print_error(output.error());
        return status::failed;
    }
    pmc::CapturedFiles files = pmc::capture();
    // What was found there and then: a captured machine can't be tried.
    files.emplace("/doctor.json", pmc::examine(pmc::Machine::host(), tables).to_json());
    if (const pmc::Expected<bool> written = output->write(pmc::to_tar(files)); !written) {
        print_error(written.error());
        return status::failed;
    }
    return 0;
}

} // namespace

int doctor(const DoctorOptions& options) {
    const pmc::Expected<pmc::Tables> tables = load_tables(options.tables);
    if (!tables) {
        print_error(tables.error());
        return status::failed;
    }
    if (!options.capture.empty())
        return capture(options.capture, *tables);
    const pmc::Examination examination =
        options.self_test ? pmc::self_test() : pmc::examine(pmc::Machine::host(), *tables);
    const int unprinted = print(options.as_json ? examination.to_json() : doctor_text(examination), "findings");
    if (unprinted != 0)
        return unprinted;
    return examination.is_well() ? 0 : status::not_well;
}

} // namespace cli
