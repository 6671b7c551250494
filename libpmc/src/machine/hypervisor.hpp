#pragma once

#include "kernel/file_tree.hpp"

#include <string>
#include <string_view>

namespace pmc {

/// The product behind the signature of CPUID leaf 0x40000000: "KVM", "VMware", "Hyper-V", …; "hypervisor" for one that
/// is not known here.
std::string_view hypervisor_of_signature(std::string_view signature) noexcept;

/// The hypervisor that this machine runs on; empty on bare metal, as far as it shows. `host`: ask the CPU itself.
std::string read_hypervisor(const kernel::FileTree& tree, std::string_view arch, bool host);

} // namespace pmc
