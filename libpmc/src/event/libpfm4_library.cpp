#include "event/libpfm4_library.hpp"

#include "kernel/real_path.hpp"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <memory>
#include <sys/auxv.h>
#include <unistd.h>

namespace pmc::pfm {

namespace {

template <typename Function>
bool load(void* handle, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    return function != nullptr;
}

constexpr char folded(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

const Library* Library::get() {
    static const Library library;
    return library.ready_ ? &library : nullptr;
}

Library::Library() {
    if (is_told_by_others())
        return;
    // Never closed: it keeps what pfm_initialize() allocated, and the program may use it as well.
    void* handle = dlopen("libpfm.so.4", RTLD_NOW | RTLD_LOCAL);
    decltype(&pfm_initialize) initialize = nullptr;
    ready_ = handle != nullptr && load(handle, "pfm_initialize", initialize) &&
             load(handle, "pfm_get_os_event_encoding", encode) && load(handle, "pfm_get_event_info", event_info) &&
             load(handle, "pfm_get_event_attr_info", attribute_info) &&
             load(handle, "pfm_get_event_next", next_event) && load(handle, "pfm_get_pmu_info", pmu_info) &&
             load(handle, "pfm_strerror", error_text) && initialize() == PFM_SUCCESS;
}

std::string Library::version() const {
    constexpr std::string_view before = ".so.";
    Dl_info file{};
    if (dladdr(reinterpret_cast<const void*>(encode), &file) == 0 || file.dli_fname == nullptr)
        return "4";
    const std::string path = kernel::real_path(file.dli_fname);
    const std::string_view name = path.empty() ? std::string_view(file.dli_fname) : path;
    const std::size_t at = name.rfind(before);
    return at == std::string_view::npos ? "4" : std::string(name.substr(at + before.size()));
}

bool is_told_by_others() noexcept {
    if (getauxval(AT_SECURE) == 0)
        return false;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view variable = *at;
        // This one does no harm, and pmcstat itself sets it: names of CPUs that are not this one.
        if (variable.starts_with("LIBPFM_") && !variable.starts_with("LIBPFM_ENCODE_INACTIVE="))
            return true;
    }
    return false;
}

Encoding encode(const Library& library, const std::string& name) {
    Encoding encoding;
    // Without the size libpfm4 fills in the first version of the struct only: config2 would be lost.
    encoding.attr.size = sizeof encoding.attr;
    char* canonical = nullptr;
    pfm_perf_encode_arg_t argument{};
    argument.size = sizeof argument;
    argument.attr = &encoding.attr;
    argument.fstr = &canonical;
    encoding.status = library.encode(name.c_str(), PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT, &argument);
    const std::unique_ptr<char, decltype(&std::free)> owner(canonical, &std::free);
    encoding.index = argument.idx;
    if (canonical != nullptr)
        encoding.canonical = canonical;
    return encoding;
}

pfm_pmu_info_t model_info(const Library& library, pfm_pmu_t model) {
    pfm_pmu_info_t info{};
    info.size = sizeof info;
    if (library.pmu_info(model, &info) != PFM_SUCCESS)
        info.name = nullptr;
    return info;
}

pfm_event_info_t event_info(const Library& library, int index) {
    pfm_event_info_t info{};
    info.size = sizeof info;
    if (library.event_info(index, PFM_OS_PERF_EVENT, &info) != PFM_SUCCESS)
        info.name = nullptr;
    return info;
}

std::vector<pfm_pmu_info_t> core_models(const Library& library) {
    constexpr int most_models = 1023; // what the enumeration can hold: a newer library knows more than its old header
    std::vector<pfm_pmu_info_t> models;
    for (int model = 0; model <= most_models; ++model) {
        const pfm_pmu_info_t info = model_info(library, static_cast<pfm_pmu_t>(model));
        if (info.name != nullptr && info.type == PFM_PMU_TYPE_CORE)
            models.push_back(info);
    }
    return models;
}

// pfm_find_event() looks at the models that are present only.
int find_event(const Library& library, const pfm_pmu_info_t& model, std::string_view event) {
    for (int index = model.first_event; index >= 0; index = library.next_event(index)) {
        const pfm_event_info_t info = event_info(library, index);
        if (info.name != nullptr && equal_in_any_case(info.name, event))
            return index;
    }
    return -1;
}

std::vector<std::string> event_names(const Library& library, const pfm_pmu_info_t& model) {
    std::vector<std::string> names;
    for (int index = model.first_event; index >= 0; index = library.next_event(index)) {
        if (const pfm_event_info_t info = event_info(library, index); info.name != nullptr)
            names.emplace_back(info.name);
    }
    return names;
}

std::vector<pfm_event_attr_info_t> unit_masks(const Library& library, const pfm_event_info_t& event) {
    std::vector<pfm_event_attr_info_t> masks;
    for (int i = 0; i < event.nattrs; ++i) {
        pfm_event_attr_info_t info{};
        info.size = sizeof info;
        if (library.attribute_info(event.idx, i, PFM_OS_PERF_EVENT, &info) == PFM_SUCCESS && info.name != nullptr &&
            info.type == PFM_ATTR_UMASK)
            masks.push_back(info);
    }
    return masks;
}

bool equal_in_any_case(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, folded, folded);
}

} // namespace pmc::pfm
