#include "event/event_list.hpp"
#include "event/libpfm4_library.hpp"
#include "event/resolver.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pmc {

namespace {

using pfm::Encoding;
using pfm::equal_in_any_case;
using pfm::Library;

std::string_view model_of(std::string_view name) noexcept {
    const std::size_t colons = name.find("::");
    return colons == std::string_view::npos ? std::string_view{} : name.substr(0, colons);
}

std::string_view without_model(std::string_view name) noexcept {
    const std::size_t colons = name.find("::");
    return colons == std::string_view::npos ? name : name.substr(colons + 2);
}

/// "LONGEST_LAT_CACHE" of "skx::LONGEST_LAT_CACHE:MISS".
std::string_view bare_event(std::string_view name) noexcept {
    const std::string_view event = without_model(name);
    return event.substr(0, event.find(':'));
}

std::string did_you_mean(const std::vector<std::string>& near, std::string_view before, std::string_view after) {
    std::string text;
    for (const std::string& name : near)
        text.append(text.empty() ? "did you mean " : " or ").append(before).append(name).append(after);
    return text.empty() ? text : text + "?";
}

/// "skx::LONGEST_LAT_CACHE:MISS:e=0:i=0:c=2:u=1:k=1" → "skx::LONGEST_LAT_CACHE:MISS:c=2": privilege levels are a Mode
/// here, and what is 0 need not be said.
std::string shortened(std::string_view canonical) {
    constexpr std::array<std::string_view, 5> levels{"u", "k", "h", "mg", "mh"};
    const std::size_t head = canonical.size() - without_model(canonical).size();
    std::string text(canonical.substr(0, head));
    std::string_view rest = canonical.substr(head);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        const std::string_view piece = rest.substr(0, end);
        const std::size_t equals = piece.find('=');
        const bool is_default =
            equals != std::string_view::npos &&
            (piece.substr(equals) == "=0" || std::ranges::find(levels, piece.substr(0, equals)) != levels.end());
        if (!is_default)
            text.append(text.size() == head ? "" : ":").append(piece);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return text;
}

/// Names that libpfm4 4.13 encodes differently from Linux 7.3's tables, which follow the vendor's.
struct WrongEncoding {
    std::string_view models;
    std::string_view name;
    std::uint64_t given;
    std::uint64_t right;
};

constexpr std::array<WrongEncoding, 21> wrong_encodings{{
    {" hsw hsw_ep bdw bdw_ep ", "L2_RQSTS:CODE_RD_HIT", 0x4424, 0xc424},
    {" hsw hsw_ep bdw bdw_ep ", "L2_RQSTS:DEMAND_DATA_RD_HIT", 0x4124, 0xc124},
    {" hsw hsw_ep bdw bdw_ep ", "L2_RQSTS:RFO_HIT", 0x4224, 0xc224},
    {" hsw hsw_ep bdw bdw_ep ", "L2_RQSTS:L2_PF_HIT", 0xd824, 0xd024},
    {" hsw hsw_ep bdw bdw_ep ", "L2_RQSTS:L2_PF_MISS", 0x3824, 0x3024},
    {" hsw hsw_ep bdw bdw_ep ", "UOPS_RETIRED:TOTAL_CYCLES", 0xa8001c2, 0x108001c2},
    {" skl skx clx ", "UOPS_RETIRED:TOTAL_CYCLES", 0xa8001c2, 0x108002c2},
    {" skl skx clx ", "UOPS_RETIRED:STALL_CYCLES", 0x18001c2, 0x18002c2},
    {" icl icx ", "MEM_LOAD_MISC_RETIRED:UC", 0x4c4, 0x4d4},
    {" icl icx ", "INST_RETIRED:ANY", 0x100, 0xc0},
    {" spr ", "INST_RETIRED:ANY", 0x1c0, 0xc0},
    {" icl icx spr ", "TOPDOWN:BACKEND_BOUND_SLOTS", 0x200, 0x2a4},
    {" spr ", "TOPDOWN:BAD_SPEC_SLOTS", 0x400, 0x4a4},
    {" icl icx spr ", "TOPDOWN:BR_MISPREDICT_SLOTS", 0x800, 0x8a4},
    {" spr ", "TOPDOWN:MEMORY_BOUND_SLOTS", 0x1000, 0x10a4},
    {" spr ", "CPU_CLK_UNHALTED:THREAD", 0x200, 0x3c},
    {" spr ", "ARITH:IDIV_ACTIVE", 0x8b0, 0x10008b0},
    {" spr ", "ARITH:INT_DIVIDER_ACTIVE", 0x8b0, 0x10008b0},
    {" spr ", "UOPS_RETIRED:MS", 0x8c2, 0x4c2},
    {" spr ", "INT_MISC:UNKNOWN_BRANCH_CYCLES", 0x7ad, 0x40ad},
    {" spr ", "MEM_TRANS_RETIRED:STORE_SAMPLE", 0x3cd, 0x2cd},
}};

std::string warning_of(std::string_view model, std::string_view name, std::uint64_t config) {
    const std::string word = " " + std::string(model) + " ";
    for (const WrongEncoding& wrong : wrong_encodings) {
        if (wrong.given == config && wrong.models.find(word) != std::string_view::npos &&
            equal_in_any_case(wrong.name, without_model(name)))
            return "; beware: libpfm4 encodes this name as " + hexadecimal(config) +
                   ", which is another event: the kernel's tables have " + hexadecimal(wrong.right);
    }
    return {};
}

bool is_amd(std::string_view cpu_id) noexcept {
    return cpu_id.starts_with("AuthenticAMD") || cpu_id.starts_with("HygonGenuine");
}

/// The name of this core's model in libpfm4, as far as a table knows it.
std::string_view model_of(const CoreType& core, const Tables& tables) {
    return tables.state().table_for(core).pfm;
}

/// One call's view of the matter.
class Resolver {
public:
    Resolver(const Library& library, std::string_view name, const Machine& machine, const Tables& tables)
        : library_(library), name_(name), machine_(machine), tables_(tables) {}

    Resolved resolve() {
        std::optional<Error> problem;
        for (const std::string& candidate : candidates()) {
            const Encoding encoding = pfm::encode(library_, candidate);
            if (encoding.status == PFM_ERR_NOTFOUND)
                continue;
            if (encoding.status != PFM_SUCCESS) {
                if (!problem)
                    problem = wrong_attribute(candidate, encoding.status);
                continue;
            }
            const pfm_event_info_t info = pfm::event_info(library_, encoding.index);
            const pfm_pmu_info_t model = pfm::model_info(library_, info.pmu);
            if (info.name == nullptr || model.name == nullptr)
                continue;
            if (model.type == PFM_PMU_TYPE_CORE)
                return event_of(encoding, info, model);
            // libpfm4 also has the kernel's generic events, which are ours to name.
            if (!problem && (model.type != PFM_PMU_TYPE_OS_GENERIC || !model_of(name_).empty()))
                problem = not_a_core_event(model);
        }
        if (problem)
            return std::move(*problem);
        return not_found();
    }

private:
    [[nodiscard]] std::vector<std::string> candidates() const {
        if (!model_of(name_).empty())
            return {std::string(name_)};
        std::vector<std::string> names;
        if (machine_.is_host()) // without a model libpfm4 means the CPU that it runs on
            names.emplace_back(name_);
        for (const CoreType& core : machine_.core_types()) {
            if (const std::string_view model = model_of(core, tables_); !model.empty())
                names.push_back(std::string(model) + "::" + std::string(name_));
        }
        return names;
    }

    [[nodiscard]] Event event_of(const Encoding& encoding, const pfm_event_info_t& info,
                                 const pfm_pmu_info_t& model) const {
        Event event;
        event.name = name_;
        event.source = EventSource::libpfm4;
        event.type = encoding.attr.type;
        event.config = encoding.attr.config;
        event.config1 = encoding.attr.config1;
        event.config2 = encoding.attr.config2;
        // Its exclude bits are not taken over: they say more than was asked for (exclude_hv, exclude_guest).
        if (encoding.attr.exclude_user != encoding.attr.exclude_kernel) {
            event.has_mode = true;
            event.mode = encoding.attr.exclude_user != 0 ? Mode::kernel : Mode::user;
        }

        const CoreType& core = core_of(model);
        event.pmu = core.pmu.empty() ? "cpu" : core.pmu;
        const Pmu* pmu = core_pmu(machine_, core);
        // PERF_TYPE_RAW is the PMU that the kernel prefers: the wrong one on a hybrid or a big.LITTLE machine.
        if (pmu != nullptr && event.type == PERF_TYPE_RAW)
            event.type = pmu->type;
        event.unavailable = other_model(model);
        if (pmu != nullptr && !event.unavailable)
            event.unavailable = not_advertised(machine_, *pmu, event.config);
        event.encoding = config_encoding(event.pmu, event.config, event.config1, event.config2) + " (" +
                         shortened(encoding.canonical) + ")";
        event.description = info.desc == nullptr ? "" : info.desc;
        event.description += warning_of(model.name, name_, event.config);
        return event;
    }

    [[nodiscard]] const CoreType& core_of(const pfm_pmu_info_t& model) const {
        const std::vector<CoreType>& cores = machine_.core_types();
        const auto found = std::ranges::find_if(
            cores, [&](const CoreType& core) { return equal_in_any_case(model_of(core, tables_), model.name); });
        return found == cores.end() ? cores.front() : *found;
    }

    /// Any model's code opens on any CPU, and counts whatever it means there.
    [[nodiscard]] Reason other_model(const pfm_pmu_info_t& model) const {
        std::string here;
        for (const CoreType& core : machine_.core_types()) {
            const std::string_view own = model_of(core, tables_);
            if (equal_in_any_case(own, model.name))
                return {};
            if (here.empty())
                here = own;
        }
        if (machine_.is_host() && model.is_present != 0)
            return {};
        const std::string& cpu_id = machine_.core_types().front().cpu_id;
        const bool other_vendor = !cpu_id.empty() && machine_.arch().starts_with("x86") &&
                                  is_amd(cpu_id) != std::string_view(model.name).starts_with("amd64");
        if (here.empty() && !other_vendor)
            return {};
        std::string evidence = "this CPU is not the model " + quoted(model.name);
        if (!here.empty())
            evidence += ", but " + quoted(here);
        return {Cause::not_on_this_cpu, 0, std::move(evidence),
                here.empty() ? "" : "name an event of this CPU's model: " + here + "::..."};
    }

    [[nodiscard]] Error error(const std::string& what, std::string hint) const {
        return Error(ErrorKind::unknown_name, Stage::resolve, what, std::move(hint)).with_subject(std::string(name_));
    }

    [[nodiscard]] Error not_a_core_event(const pfm_pmu_info_t& model) const {
        std::string hint = "name it through its PMU in sysfs: see `pmcstat list`";
        if (model.type == PFM_PMU_TYPE_OS_GENERIC)
            hint = "the kernel's own events have the kernel's names here: cycles, page-faults; see `pmcstat list`";
        else if (std::string_view(model.name).find("rapl") != std::string_view::npos)
            hint = "energy is counted through sysfs: see `pmcstat list power`";
        return error("libpfm4's " + quoted(name_) + " is not an event of a core", std::move(hint));
    }

    [[nodiscard]] Error wrong_attribute(const std::string& candidate, int status) const {
        const std::string what = "libpfm4 can't encode " + quoted(name_) + ": " + library_.error_text(status);
        return error(what, unit_masks_hint(candidate));
    }

    [[nodiscard]] std::optional<pfm_pmu_info_t> find_model(std::string_view name) const {
        const std::vector<pfm_pmu_info_t> models = pfm::core_models(library_);
        const auto found = std::ranges::find_if(
            models, [&](const pfm_pmu_info_t& model) { return equal_in_any_case(model.name, name); });
        return found == models.end() ? std::nullopt : std::optional(*found);
    }

    /// -1 if no model, or none of those that libpfm4 takes this CPU for where the name does not say, has it.
    [[nodiscard]] int find_event(std::string_view name) const {
        for (const pfm_pmu_info_t& model : pfm::core_models(library_)) {
            const bool is_meant =
                model_of(name).empty() ? model.is_present != 0 : equal_in_any_case(model.name, model_of(name));
            if (!is_meant)
                continue;
            if (const int index = pfm::find_event(library_, model, bare_event(name)); index >= 0)
                return index;
        }
        return -1;
    }

    [[nodiscard]] std::string unit_masks_hint(std::string_view name) const {
        constexpr std::size_t most_listed = 12;
        const int index = find_event(name);
        if (index < 0)
            return {};
        const std::vector<pfm_event_attr_info_t> masks = pfm::unit_masks(library_, pfm::event_info(library_, index));
        std::string listed;
        for (std::size_t i = 0; i < masks.size() && i < most_listed; ++i)
            listed.append(i == 0 ? "" : ", ").append(masks[i].name);
        if (listed.empty())
            return "it has no unit masks";
        return "its unit masks are: " + listed + (masks.size() > most_listed ? ", ..." : "");
    }

    [[nodiscard]] Resolved not_found() const {
        if (model_of(name_).empty())
            return not_found_in_own_models();
        const std::string_view wanted = model_of(name_);
        if (const std::optional<pfm_pmu_info_t> model = find_model(wanted))
            return not_found_in(*model);
        std::vector<std::string> known;
        for (const pfm_pmu_info_t& model : pfm::core_models(library_))
            known.emplace_back(model.name);
        return error("libpfm4 knows no CPU model " + quoted(wanted) + " on this architecture, for " + quoted(name_),
                     did_you_mean(suggest(wanted, known), "", "::"));
    }

    /// A name without a model that the table's model has: then it is known, if not to be encoded.
    [[nodiscard]] Resolved not_found_in_own_models() const {
        for (const CoreType& core : machine_.core_types()) {
            const std::optional<pfm_pmu_info_t> model = find_model(model_of(core, tables_));
            if (model && pfm::find_event(library_, *model, bare_event(name_)) >= 0)
                return not_found_in(*model);
        }
        return std::nullopt;
    }

    [[nodiscard]] Error not_found_in(const pfm_pmu_info_t& model) const {
        const std::string_view event = bare_event(name_);
        if (model.is_present == 0 && pfm::find_event(library_, model, event) >= 0)
            return error("libpfm4 does not take this CPU for " + quoted(model.name) + ", so it does not encode " +
                             quoted(name_),
                         "set LIBPFM_ENCODE_INACTIVE=1 in the environment");
        return error(
            "libpfm4's model " + quoted(model.name) + " has no event " + quoted(event),
            did_you_mean(suggest(event, pfm::event_names(library_, model)), std::string(model.name) + "::", ""));
    }

    const Library& library_;
    std::string_view name_;
    const Machine& machine_;
    const Tables& tables_;
};

/// An event that has unit masks is listed once with each.
void add_names(const Library& library, const pfm_pmu_info_t& model, const pfm_event_info_t& event,
               std::vector<Libpfm4Name>& names) {
    const auto text = [](const char* string) { return std::string(string == nullptr ? "" : string); };
    const std::string name = std::string(model.name) + "::" + event.name;
    const std::vector<pfm_event_attr_info_t> masks = pfm::unit_masks(library, event);
    if (masks.empty())
        names.push_back({name, text(event.desc)});
    for (const pfm_event_attr_info_t& mask : masks)
        names.push_back({name + ":" + mask.name, text(event.desc) + ": " + text(mask.desc)});
}

} // namespace

bool has_libpfm4() {
    return Library::get() != nullptr;
}

std::string_view why_no_libpfm4() {
    if (pfm::is_told_by_others())
        return "libpfm4 is not used: this program has more rights than you (setuid, file capabilities), and LIBPFM_ "
               "variables are set: unset them";
    return "libpfm4 is not installed: the names of CPU vendors need the package libpfm4";
}

Resolved resolve_libpfm4(std::string_view name, const Machine& machine, const Tables& tables) {
    constexpr std::size_t longest_name = 256;
    const bool is_plausible = !name.empty() && name.size() <= longest_name &&
                              std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
    if (!is_plausible)
        return std::nullopt;
    const Library* library = Library::get();
    if (library == nullptr)
        return Error(ErrorKind::unknown_name, Stage::resolve, "unknown event " + quoted(name),
                     std::string(why_no_libpfm4()))
            .with_subject(std::string(name));
    return Resolver(*library, name, machine, tables).resolve();
}

std::vector<Libpfm4Name> libpfm4_names(const Machine& machine, const Tables& tables) {
    const Library* library = Library::get();
    if (library == nullptr)
        return {};
    const auto is_here = [&](const pfm_pmu_info_t& model) {
        return (machine.is_host() && model.is_present != 0) ||
               std::ranges::any_of(machine.core_types(), [&](const CoreType& core) {
                   return equal_in_any_case(model_of(core, tables), model.name);
               });
    };
    std::vector<Libpfm4Name> names;
    for (const pfm_pmu_info_t& model : pfm::core_models(*library)) {
        if (!is_here(model))
            continue;
        for (int index = model.first_event; index >= 0; index = library->next_event(index)) {
            const pfm_event_info_t info = pfm::event_info(*library, index);
            if (info.name != nullptr)
                add_names(*library, model, info, names);
        }
    }
    return names;
}

} // namespace pmc
