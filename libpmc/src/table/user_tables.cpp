#include "table/tables_state.hpp"

namespace pmc {

Expected<Tables> Tables::with_file(const std::string& path) const {
    return with_document("", path);
}

Expected<Tables> Tables::with_document(std::string_view, std::string_view) const {
    return *this;
}

} // namespace pmc
