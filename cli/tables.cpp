#include "tables.hpp"

namespace cli {

pmc::Expected<pmc::Tables> load_tables(const std::vector<std::string>& files) {
    pmc::Expected<pmc::Tables> tables = pmc::Tables::from_environment();
    for (const std::string& file : files) {
        if (!tables)
            break;
        tables = tables->with_file(file);
    }
    return tables;
}

} // namespace cli
