#pragma once

// libpfm4's own headers need this one before them.
#include <linux/perf_event.h>

#include <perfmon/pfmlib.h>
#include <perfmon/pfmlib_perf_event.h>
#include <string>
#include <string_view>
#include <vector>

/// libpfm4 itself, loaded when the first name calls for it: linking it would cost every program its start-up time.
namespace pmc::pfm {

/// The functions that are used. Any thread may call them.
class Library {
public:
    /// Null if it can't be loaded or initialised. The first call does both, once.
    static const Library* get();

    decltype(&pfm_get_os_event_encoding) encode = nullptr;
    decltype(&pfm_get_event_info) event_info = nullptr;
    decltype(&pfm_get_event_attr_info) attribute_info = nullptr;
    decltype(&pfm_get_event_next) next_event = nullptr;
    decltype(&pfm_get_pmu_info) pmu_info = nullptr;
    decltype(&pfm_strerror) error_text = nullptr;

    /// "4.13.0", as its file is named: pfm_get_version() says 4.0 of all releases. "4" if the file has no other name.
    [[nodiscard]] std::string version() const;

private:
    Library();
    bool ready_ = false;
};

/// Whether it stays unused, as it would do what its variables (LIBPFM_FORCE_PMU, LIBPFM_DEBUG, …) say: this program has
/// more rights than whoever set them (setuid, file capabilities).
bool is_told_by_others() noexcept;

struct Encoding {
    int status = PFM_ERR_NOTFOUND;
    int index = -1; ///< of the event
    perf_event_attr attr{};
    std::string canonical; ///< the name with all its attributes spelt out
};
Encoding encode(const Library& library, const std::string& name);

/// Each with a null name if there is none.
pfm_pmu_info_t model_info(const Library& library, pfm_pmu_t model);
pfm_event_info_t event_info(const Library& library, int index);

/// The models of cores that this build of libpfm4 knows, present or not.
std::vector<pfm_pmu_info_t> core_models(const Library& library);
/// An event of a model by its name in any case, without unit masks; -1 if there is none. Finds those of models that are
/// not present, too.
int find_event(const Library& library, const pfm_pmu_info_t& model, std::string_view event);
std::vector<std::string> event_names(const Library& library, const pfm_pmu_info_t& model);
/// The unit masks of an event.
std::vector<pfm_event_attr_info_t> unit_masks(const Library& library, const pfm_event_info_t& event);

bool equal_in_any_case(std::string_view a, std::string_view b) noexcept;

} // namespace pmc::pfm
