#include "machine/cpu_id.hpp"

#include "machine/pmu.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace pmc {
namespace {

using kernel::FileTree;
using kernel::find_field;

constexpr std::string_view cpuinfo_path = "/proc/cpuinfo";

template <typename Number>
std::optional<Number> to_number(std::string_view text) noexcept {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::string hexadecimal(std::uint64_t number) {
    char digits[16];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number, 16);
    return {digits, end};
}

std::string upper_hexadecimal(std::uint64_t number) {
    std::string digits = hexadecimal(number);
    for (char& digit : digits)
        if (digit >= 'a')
            digit = static_cast<char>(digit - 'a' + 'A');
    return digits;
}

std::string x86_cpu_id_of(std::string_view cpuinfo) {
    const std::string_view vendor = find_field(cpuinfo, "vendor_id");
    const auto family = to_number<unsigned>(find_field(cpuinfo, "cpu family"));
    const auto model = to_number<unsigned>(find_field(cpuinfo, "model"));
    const auto stepping = to_number<unsigned>(find_field(cpuinfo, "stepping"));
    if (vendor.empty() || !family || !model)
        return {};
    return x86_cpu_id(vendor, *family, *model, stepping.value_or(0));
}

std::string riscv_cpu_id_of(std::string_view cpuinfo) {
    const std::string_view vendor = find_field(cpuinfo, "mvendorid");
    if (vendor.empty())
        return {};
    return std::string(vendor)
        .append("-")
        .append(find_field(cpuinfo, "marchid"))
        .append("-")
        .append(find_field(cpuinfo, "mimpid"));
}

std::string cpuinfo_of(const FileTree& tree) {
    return tree.read(cpuinfo_path).value_or("");
}

/// Hybrid x86 has one PMU per kind of core and no "cpu". Its kinds share one CPU id on Alder Lake: the PMU tells them
/// apart.
std::vector<CoreType> x86_core_types(const FileTree& tree, std::string_view arch, bool host) {
    std::string id;
    if (host) {
        const std::optional<CpuidLeaf> vendor = cpuid(0);
        const std::optional<CpuidLeaf> version = cpuid(1);
        if (vendor && version)
            id = x86_cpu_id(*vendor, version->eax);
    } else {
        id = x86_cpu_id_of(cpuinfo_of(tree));
    }
    std::vector<CoreType> cores;
    for (const std::string& pmu : find_core_pmus(tree, arch))
        cores.push_back({id, pmu, pmu == "cpu" ? std::vector<int>{} : read_pmu_cpus(tree, pmu)});
    if (cores.empty())
        cores.push_back({id, "", {}});
    if (cores.size() == 1)
        cores.front().cpus.clear();
    return cores;
}

using CpuAndId = std::pair<int, std::string>;

/// MIDR_EL1 of each CPU that is online.
std::vector<CpuAndId> arm_cpus_of_sysfs(const FileTree& tree) {
    std::vector<CpuAndId> cpus;
    for (const std::string& name : tree.list("/sys/devices/system/cpu")) {
        if (!name.starts_with("cpu"))
            continue;
        const auto cpu = to_number<int>(std::string_view(name).substr(3));
        if (!cpu)
            continue;
        const auto text = tree.read("/sys/devices/system/cpu/" + name + "/regs/identification/midr_el1");
        const auto midr = text ? to_number<std::uint64_t>(*text) : std::nullopt;
        if (midr)
            cpus.emplace_back(*cpu, midr_cpu_id(*midr));
    }
    return cpus;
}

/// The same from /proc/cpuinfo, where each CPU is one paragraph.
std::vector<CpuAndId> arm_cpus_of_cpuinfo(std::string_view cpuinfo) {
    std::vector<CpuAndId> cpus;
    while (!cpuinfo.empty()) {
        const std::size_t end = cpuinfo.find("\n\n");
        const std::string_view paragraph = cpuinfo.substr(0, end);
        const auto cpu = to_number<int>(find_field(paragraph, "processor"));
        const auto implementer = to_number<std::uint8_t>(find_field(paragraph, "CPU implementer"));
        const auto part = to_number<std::uint16_t>(find_field(paragraph, "CPU part"));
        if (cpu && implementer && part)
            cpus.emplace_back(*cpu, midr_cpu_id(std::uint64_t{*implementer} << 24 | std::uint64_t{*part} << 4));
        if (end == std::string_view::npos)
            break;
        cpuinfo.remove_prefix(end + 2);
    }
    return cpus;
}

std::vector<CoreType> arm_core_types(const FileTree& tree, std::string_view arch) {
    std::vector<CpuAndId> cpus = arm_cpus_of_sysfs(tree);
    if (cpus.empty())
        cpus = arm_cpus_of_cpuinfo(cpuinfo_of(tree));
    std::ranges::sort(cpus);

    std::vector<std::pair<std::string, std::vector<int>>> pmus;
    for (const std::string& name : find_core_pmus(tree, arch))
        pmus.emplace_back(name, read_pmu_cpus(tree, name));
    const auto pmu_of = [&](int cpu) -> std::string {
        for (const auto& [name, on] : pmus)
            if (on.empty() || std::ranges::binary_search(on, cpu))
                return name;
        return {};
    };

    std::vector<CoreType> cores;
    for (const auto& [cpu, id] : cpus) {
        const std::string pmu = pmu_of(cpu);
        const auto same = std::ranges::find_if(
            cores, [&, &id = id](const CoreType& core) { return core.cpu_id == id && core.pmu == pmu; });
        if (same != cores.end())
            same->cpus.push_back(cpu);
        else
            cores.push_back({id, pmu, {cpu}});
    }
    if (cores.empty())
        cores.push_back({"", pmus.empty() ? "" : pmus.front().first, {}});
    if (cores.size() == 1)
        cores.front().cpus.clear();
    return cores;
}

std::vector<CoreType> other_core_types(const FileTree& tree, std::string_view arch) {
    std::string id = arch.starts_with("riscv") ? riscv_cpu_id_of(cpuinfo_of(tree)) : std::string();
    std::vector<std::string> pmus = find_core_pmus(tree, arch);
    return {{std::move(id), pmus.empty() ? "" : std::move(pmus.front()), {}}};
}

/// The brand string of CPUID: 48 bytes in three leaves, padded with blanks and zeros.
std::string x86_brand() {
    std::string brand;
    for (const std::uint32_t leaf : {0x80000002U, 0x80000003U, 0x80000004U}) {
        const std::optional<CpuidLeaf> part = cpuid(leaf);
        if (!part)
            return {};
        for (const std::uint32_t word : {part->eax, part->ebx, part->ecx, part->edx})
            for (unsigned shift = 0; shift < 32; shift += 8)
                if (const char letter = static_cast<char>(word >> shift & 0xff); letter != '\0')
                    brand += letter;
    }
    return brand;
}

std::string without_extra_blanks(std::string_view text) {
    std::string result;
    for (const char letter : text)
        if (letter != ' ' || (!result.empty() && result.back() != ' '))
            result += letter;
    if (result.ends_with(' '))
        result.pop_back();
    return result;
}

struct ArmPart {
    std::string_view id, name;
};

// arch/arm64/include/asm/cputype.h
constexpr auto arm_parts = std::to_array<ArmPart>({
    {"midr-41-d03", "Cortex-A53"},
    {"midr-41-d04", "Cortex-A35"},
    {"midr-41-d05", "Cortex-A55"},
    {"midr-41-d07", "Cortex-A57"},
    {"midr-41-d08", "Cortex-A72"},
    {"midr-41-d09", "Cortex-A73"},
    {"midr-41-d0a", "Cortex-A75"},
    {"midr-41-d0b", "Cortex-A76"},
    {"midr-41-d0c", "Neoverse-N1"},
    {"midr-41-d0d", "Cortex-A77"},
    {"midr-41-d40", "Neoverse-V1"},
    {"midr-41-d41", "Cortex-A78"},
    {"midr-41-d44", "Cortex-X1"},
    {"midr-41-d46", "Cortex-A510"},
    {"midr-41-d47", "Cortex-A710"},
    {"midr-41-d48", "Cortex-X2"},
    {"midr-41-d49", "Neoverse-N2"},
    {"midr-41-d4a", "Neoverse-E1"},
    {"midr-41-d4b", "Cortex-A78C"},
    {"midr-41-d4d", "Cortex-A715"},
    {"midr-41-d4e", "Cortex-X3"},
    {"midr-41-d4f", "Neoverse-V2"},
    {"midr-41-d80", "Cortex-A520"},
    {"midr-41-d81", "Cortex-A720"},
    {"midr-41-d82", "Cortex-X4"},
    {"midr-41-d83", "Neoverse-V3AE"},
    {"midr-41-d84", "Neoverse-V3"},
    {"midr-41-d85", "Cortex-X925"},
    {"midr-41-d87", "Cortex-A725"},
    {"midr-41-d8e", "Neoverse-N3"},
    {"midr-46-001", "A64FX"},
    {"midr-61-022", "Apple M1 Icestorm"},
    {"midr-61-023", "Apple M1 Firestorm"},
    {"midr-6d-d49", "Azure Cobalt 100"},
    {"midr-c0-ac3", "Ampere-1"},
    {"midr-c0-ac4", "Ampere-1A"},
});

} // namespace

bool is_x86(std::string_view arch) noexcept {
    return arch == "x86_64" || (arch.size() == 4 && arch.front() == 'i' && arch.ends_with("86"));
}

bool is_arm(std::string_view arch) noexcept {
    return arch.starts_with("aarch64") || arch.starts_with("arm");
}

std::string arch_of_tree(const FileTree& tree) {
    if (auto arch = tree.read("/arch"); arch && !arch->empty())
        return *std::move(arch);
    const std::string cpuinfo = cpuinfo_of(tree);
    if (!find_field(cpuinfo, "CPU implementer").empty())
        return find_field(cpuinfo, "CPU architecture") == "7" ? "armv7l" : "aarch64";
    if (!find_field(cpuinfo, "cpu family").empty())
        return kernel::has_word(find_field(cpuinfo, "flags"), "lm") ? "x86_64" : "i686";
    if (const std::string_view isa = find_field(cpuinfo, "isa"); isa.starts_with("rv"))
        return isa.starts_with("rv32") ? "riscv32" : "riscv64";
    if (find_field(cpuinfo, "vendor_id") == "IBM/S390")
        return "s390x";
    if (find_field(cpuinfo, "cpu").starts_with("POWER"))
        return "ppc64le";
    return {};
}

std::string x86_cpu_id(std::string_view vendor, unsigned family, unsigned model, unsigned stepping) {
    return std::string(vendor)
        .append("-")
        .append(std::to_string(family))
        .append("-")
        .append(upper_hexadecimal(model))
        .append("-")
        .append(upper_hexadecimal(stepping));
}

std::string x86_cpu_id(const CpuidLeaf& leaf0, std::uint32_t leaf1_eax) {
    char vendor[12];
    std::memcpy(vendor, &leaf0.ebx, 4);
    std::memcpy(vendor + 4, &leaf0.edx, 4);
    std::memcpy(vendor + 8, &leaf0.ecx, 4);
    const std::uint32_t base_family = leaf1_eax >> 8 & 0xf;
    const std::uint32_t family = base_family == 0xf ? base_family + (leaf1_eax >> 20 & 0xff) : base_family;
    std::uint32_t model = leaf1_eax >> 4 & 0xf;
    if (family >= 6)
        model |= (leaf1_eax >> 16 & 0xf) << 4;
    return x86_cpu_id({vendor, sizeof vendor}, family, model, leaf1_eax & 0xf);
}

std::string midr_cpu_id(std::uint64_t midr) {
    std::string part = hexadecimal(midr >> 4 & 0xfff);
    part.insert(0, 3 - part.size(), '0');
    std::string implementer = hexadecimal(midr >> 24 & 0xff);
    implementer.insert(0, 2 - implementer.size(), '0');
    return "midr-" + implementer + "-" + part;
}

std::string arm_part_name(std::string_view cpu_id) {
    const auto part = std::ranges::find(arm_parts, cpu_id, &ArmPart::id);
    return std::string(part != arm_parts.end() ? part->name : cpu_id);
}

std::vector<CoreType> read_core_types(const FileTree& tree, std::string_view arch, bool host) {
    if (is_x86(arch))
        return x86_core_types(tree, arch, host);
    if (is_arm(arch))
        return arm_core_types(tree, arch);
    return other_core_types(tree, arch);
}

std::string read_cpu_name(const FileTree& tree, std::string_view arch, bool host, const std::vector<CoreType>& cores) {
    if (host && is_x86(arch))
        if (std::string brand = without_extra_blanks(x86_brand()); !brand.empty())
            return brand;
    const std::string cpuinfo = cpuinfo_of(tree);
    if (is_arm(arch)) {
        std::vector<std::string> names;
        for (const CoreType& core : cores)
            if (std::string name = arm_part_name(core.cpu_id); std::ranges::find(names, name) == names.end())
                names.push_back(std::move(name));
        std::string joined;
        for (const std::string& name : names)
            joined += joined.empty() ? name : " + " + name;
        if (!joined.empty())
            return joined;
    }
    for (const std::string_view key : {"model name", "uarch", "cpu"})
        if (const std::string_view name = find_field(cpuinfo, key); !name.empty())
            return without_extra_blanks(name);
    return {};
}

} // namespace pmc
