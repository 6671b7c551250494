#include "machine/hypervisor.hpp"

#include "machine/cpu_id.hpp"
#include "machine/cpuid.hpp"

#include <array>
#include <cstring>
#include <optional>

namespace pmc {
namespace {

using kernel::FileTree;

struct Signature {
    std::string_view signature, product;
};

constexpr auto signatures = std::to_array<Signature>({
    {"KVMKVMKVM", "KVM"},
    {"Linux KVM Hv", "KVM"},
    {"VMwareVMware", "VMware"},
    {"Microsoft Hv", "Hyper-V"},
    {"XenVMMXenVMM", "Xen"},
    {"TCGTCGTCGTCG", "QEMU"},
    {"VBoxVBoxVBox", "VirtualBox"},
    {"bhyve bhyve ", "bhyve"},
    {"ACRNACRNACRN", "ACRN"},
    {" lrpepyh  vr", "Parallels"},
    {"QNXQVMBSQG", "QNX"},
    {"Jailhouse", "Jailhouse"},
});

/// What the firmware tables (DMI) of a virtual machine call it. Both must begin so; an empty one matches anything.
struct Board {
    std::string_view vendor, product, hypervisor;
};

constexpr auto boards = std::to_array<Board>({
    {"QEMU", "", "QEMU"},
    {"Amazon EC2", "", "Amazon EC2"},
    {"Google", "Google Compute Engine", "Google Compute Engine"},
    {"VMware", "", "VMware"},
    {"innotek GmbH", "VirtualBox", "VirtualBox"},
    {"Oracle Corporation", "VirtualBox", "VirtualBox"},
    {"Microsoft Corporation", "Virtual Machine", "Hyper-V"}, // the vendor alone also makes laptops
    {"Xen", "", "Xen"},
    {"Parallels", "", "Parallels"},
    {"Apple Inc.", "Apple Virtualization", "Apple Virtualization"},
    {"Red Hat", "KVM", "KVM"},
    {"OpenStack", "", "KVM"},
    {"DigitalOcean", "", "KVM"},
    {"Alibaba Cloud", "", "KVM"},
    {"Hetzner", "vServer", "KVM"},
});

std::string hypervisor_of_board(const FileTree& tree) {
    const std::string vendor = tree.read("/sys/class/dmi/id/sys_vendor").value_or("");
    const std::string product = tree.read("/sys/class/dmi/id/product_name").value_or("");
    if (vendor.empty() || product.find(".metal") != std::string::npos) // "c6g.metal": EC2 without a hypervisor
        return {};
    for (const Board& board : boards)
        if (vendor.starts_with(board.vendor) && product.starts_with(board.product))
            return std::string(board.hypervisor);
    return {};
}

/// /sys/hypervisor/type is written by Xen's guest support only; Dom 0 sees it too, and counts as a guest.
std::string hypervisor_of_sysfs(const FileTree& tree) {
    const std::string type = tree.read("/sys/hypervisor/type").value_or("");
    return type == "xen" ? "Xen" : type;
}

std::string hypervisor_of_device_tree(const FileTree& tree) {
    const std::string compatible = tree.read("/proc/device-tree/hypervisor/compatible").value_or("");
    if (compatible.starts_with("xen"))
        return "Xen";
    if (compatible.starts_with("linux,kvm"))
        return "KVM";
    if (compatible.starts_with("vmware"))
        return "VMware";
    if (!compatible.empty())
        return "hypervisor";
    // QEMU's "virt" machine, whoever runs its CPUs.
    return tree.read("/proc/device-tree/compatible").value_or("").starts_with("linux,dummy-virt") ? "QEMU" : "";
}

std::string x86_hypervisor_of_host() {
    constexpr std::uint32_t hypervisor_present = std::uint32_t{1} << 31;
    const std::optional<CpuidLeaf> features = cpuid(1);
    if (!features || (features->ecx & hypervisor_present) == 0)
        return {};
    const CpuidLeaf leaf = cpuid(0x40000000).value_or(CpuidLeaf{});
    char signature[12];
    std::memcpy(signature, &leaf.ebx, 4);
    std::memcpy(signature + 4, &leaf.ecx, 4);
    std::memcpy(signature + 8, &leaf.edx, 4);
    return std::string(hypervisor_of_signature({signature, sizeof signature}));
}

std::string x86_hypervisor_of_tree(const FileTree& tree) {
    const std::string cpuinfo = tree.read("/proc/cpuinfo").value_or("");
    if (!kernel::has_word(kernel::find_field(cpuinfo, "flags"), "hypervisor"))
        return {};
    if (std::string name = hypervisor_of_sysfs(tree); !name.empty())
        return name;
    if (std::string name = hypervisor_of_board(tree); !name.empty())
        return name;
    return "hypervisor";
}

} // namespace

std::string_view hypervisor_of_signature(std::string_view signature) noexcept {
    for (const Signature& known : signatures)
        if (signature.starts_with(known.signature))
            return known.product;
    return "hypervisor";
}

std::string read_hypervisor(const FileTree& tree, std::string_view arch, bool host) {
    if (is_x86(arch))
        return host ? x86_hypervisor_of_host() : x86_hypervisor_of_tree(tree);
    for (const auto& read : {hypervisor_of_sysfs, hypervisor_of_device_tree, hypervisor_of_board})
        if (std::string name = read(tree); !name.empty())
            return name;
    return {};
}

} // namespace pmc
