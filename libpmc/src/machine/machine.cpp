#include <pmc/machine.hpp>

#include "kernel/callgrind.hpp"
#include "kernel/file_tree.hpp"
#include "kernel/valgrind.hpp"
#include "machine/cpu_id.hpp"
#include "machine/hypervisor.hpp"
#include "machine/model.hpp"
#include "machine/pmu.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <sys/utsname.h>
#include <utility>

namespace pmc {
namespace {

/// A value that is made on first use, by whichever thread comes first.
template <typename T>
class Lazy {
public:
    template <typename Make>
    const T& get(Make make) {
        std::call_once(once_, [&] { value_ = make(); });
        return value_;
    }

private:
    std::once_flag once_;
    T value_{};
};

unsigned count_cpus(const kernel::FileTree& tree) {
    const std::string online = tree.read("/sys/devices/system/cpu/online").value_or("");
    if (const std::size_t count = kernel::parse_cpu_list(online).size(); count != 0)
        return static_cast<unsigned>(count);
    const std::string cpuinfo = tree.read("/proc/cpuinfo").value_or("");
    unsigned count = cpuinfo.starts_with("processor") ? 1 : 0;
    for (std::size_t at = cpuinfo.find("\nprocessor"); at != std::string::npos;
         at = cpuinfo.find("\nprocessor", at + 1))
        ++count;
    return std::max(count, 1U);
}

} // namespace

struct Machine::State {
    State(kernel::FileTree files, bool is_host) : tree(std::move(files)), host(is_host) {}

    kernel::FileTree tree;
    bool host;
    Lazy<std::string> tool, model, arch, release, name, hypervisor;
    Lazy<std::vector<CoreType>> cores;
    Lazy<std::vector<std::string>> pmu_names;
    Lazy<unsigned> cpu_count;
    Lazy<int> paranoid;
    Lazy<bool> watchdog, smt;
    std::mutex pmus_mutex;
    std::map<std::string, Pmu, std::less<>> pmus; ///< its nodes never move

    /// Which of valgrind's tools; empty for a real machine.
    const std::string& modelled_by();
};

Machine::Machine(std::shared_ptr<State> state) : state_(std::move(state)) {}

const Machine& Machine::host() {
    return kernel::callgrind() != nullptr ? callgrind() : hardware();
}

const Machine& Machine::hardware() {
    // Never destroyed: what reports at exit may still ask it.
    static const Machine& machine = *new Machine(std::make_shared<State>(kernel::FileTree{}, true));
    return machine;
}

Machine Machine::from_tree(std::string root) {
    return Machine(std::make_shared<State>(kernel::FileTree(std::move(root)), false));
}

Machine Machine::from_files(std::map<std::string, std::string, std::less<>> files) {
    // The root names no folder: whoever opens files below it himself finds none.
    return Machine(std::make_shared<State>(kernel::FileTree("(described)", std::move(files)), false));
}

bool Machine::is_host() const noexcept {
    return state_->host;
}

const std::string& Machine::State::modelled_by() {
    return tool.get([&] { return host ? std::string() : tree.read(model::file).value_or(""); });
}

bool Machine::is_model() const {
    return !state_->modelled_by().empty();
}

const std::string& Machine::model() const {
    // Its own program is told what runs it: the valgrind that PATH has there may be another one.
    if (const kernel::Callgrind* running = kernel::callgrind();
        running != nullptr && state_->modelled_by() == "callgrind")
        return running->model;
    return state_->model.get([&]() -> std::string {
        if (!is_model())
            return {};
        const std::optional<std::string> valgrind = kernel::find_valgrind();
        return model::description(state_->modelled_by(), valgrind ? kernel::valgrind_version(*valgrind) : "");
    });
}

const std::string& Machine::root() const noexcept {
    return state_->tree.root();
}

const std::string& Machine::arch() const {
    return state_->arch.get([&]() -> std::string {
        utsname names{};
        if ((is_host() || is_model()) && uname(&names) == 0)
            return names.machine;
        return arch_of_tree(state_->tree);
    });
}

const std::string& Machine::kernel_release() const {
    return state_->release.get([&]() -> std::string {
        utsname names{};
        if (is_host() && uname(&names) == 0)
            return names.release;
        return state_->tree.read("/proc/sys/kernel/osrelease").value_or("");
    });
}

const std::string& Machine::cpu_name() const {
    return state_->name.get([&] { return read_cpu_name(state_->tree, arch(), is_host(), core_types()); });
}

const std::string& Machine::hypervisor() const {
    return state_->hypervisor.get([&] { return read_hypervisor(state_->tree, arch(), is_host()); });
}

const std::vector<CoreType>& Machine::core_types() const {
    return state_->cores.get([&]() -> std::vector<CoreType> {
        if (const std::string& tool = state_->modelled_by(); !tool.empty())
            return {{model::cpu_id(tool), tool, {}}};
        return read_core_types(state_->tree, arch(), is_host());
    });
}

unsigned Machine::cpu_count() const {
    return state_->cpu_count.get([&] { return count_cpus(state_->tree); });
}

bool Machine::has_core_pmu() const {
    return std::ranges::any_of(core_types(), [](const CoreType& core) { return !core.pmu.empty(); });
}

const std::vector<std::string>& Machine::pmu_names() const {
    return state_->pmu_names.get([&] { return state_->tree.list(pmu_folder); });
}

const Pmu* Machine::pmu(std::string_view name) const {
    const std::lock_guard lock(state_->pmus_mutex);
    if (const auto known = state_->pmus.find(name); known != state_->pmus.end())
        return &known->second;
    std::optional<Pmu> pmu = read_pmu(state_->tree, arch(), name);
    if (!pmu)
        return nullptr;
    if (is_model())
        pmu->core = name == state_->modelled_by();
    return &state_->pmus.emplace(name, *std::move(pmu)).first->second;
}

int Machine::paranoid() const {
    return state_->paranoid.get([&] {
        constexpr int kernel_default = 2;
        const std::optional<long long> level = state_->tree.read_number("/proc/sys/kernel/perf_event_paranoid");
        return level && std::in_range<int>(*level) ? static_cast<int>(*level) : kernel_default;
    });
}

bool Machine::nmi_watchdog() const {
    return state_->watchdog.get(
        [&] { return state_->tree.read_number("/proc/sys/kernel/nmi_watchdog").value_or(0) > 0; });
}

bool Machine::smt() const {
    return state_->smt.get(
        [&] { return state_->tree.read_number("/sys/devices/system/cpu/smt/active").value_or(0) > 0; });
}

} // namespace pmc
