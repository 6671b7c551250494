#include "machine/hypervisor.hpp"

#include "test_tree.hpp"

#include <doctest/doctest.h>

#include <string>

using pmc::test::captured;
using pmc::test::ScratchTree;

TEST_SUITE_BEGIN("hypervisor");

TEST_CASE("signatures of CPUID") {
    CHECK(pmc::hypervisor_of_signature({"KVMKVMKVM\0\0\0", 12}) == "KVM");
    CHECK(pmc::hypervisor_of_signature("VMwareVMware") == "VMware");
    CHECK(pmc::hypervisor_of_signature("Microsoft Hv") == "Hyper-V");
    CHECK(pmc::hypervisor_of_signature("XenVMMXenVMM") == "Xen");
    CHECK(pmc::hypervisor_of_signature("TCGTCGTCGTCG") == "QEMU");
    CHECK(pmc::hypervisor_of_signature("????????????") == "hypervisor");
    CHECK(pmc::hypervisor_of_signature("") == "hypervisor");
}

TEST_CASE("the host says what its cpuinfo says") {
    const std::string cpuinfo = pmc::kernel::FileTree().read("/proc/cpuinfo").value_or("");
    const pmc::Machine& host = pmc::Machine::host();
    if (host.arch() == "x86_64")
        CHECK(host.hypervisor().empty() !=
              pmc::kernel::has_word(pmc::kernel::find_field(cpuinfo, "flags"), "hypervisor"));
}

TEST_CASE("x86: the flag decides, the firmware names it") {
    CHECK(captured("kvm-no-pmu").hypervisor() == "QEMU");
    CHECK(captured("zen4").hypervisor().empty());

    struct Example {
        const char *vendor, *product, *expected;
    };
    for (const Example& example : {Example{"VMware, Inc.", "VMware7,1", "VMware"},
                                   Example{"Microsoft Corporation", "Virtual Machine", "Hyper-V"},
                                   Example{"Microsoft Corporation", "Surface Laptop", "hypervisor"},
                                   Example{"Amazon EC2", "c5.large", "Amazon EC2"},
                                   Example{"Google", "Google Compute Engine", "Google Compute Engine"},
                                   Example{"innotek GmbH", "VirtualBox", "VirtualBox"},
                                   Example{"Unheard-of", "", "hypervisor"}, Example{"", "", "hypervisor"}}) {
        ScratchTree tree("kvm-no-pmu");
        tree.write("/sys/class/dmi/id/sys_vendor", example.vendor)
            .write("/sys/class/dmi/id/product_name", example.product);
        CHECK_MESSAGE(tree.machine().hypervisor() == example.expected, example.vendor);
    }
    ScratchTree xen("kvm-no-pmu");
    xen.write("/sys/hypervisor/type", "xen\n");
    CHECK(xen.machine().hypervisor() == "Xen");

    ScratchTree bare("zen4");
    bare.write("/sys/class/dmi/id/sys_vendor", "Amazon EC2").write("/sys/class/dmi/id/product_name", "m7a.metal-48xl");
    CHECK(bare.machine().hypervisor().empty());
}

TEST_CASE("arm64: the device tree or the firmware says it") {
    CHECK(captured("qemu-n1").hypervisor() == "QEMU");
    CHECK(captured("biglittle").hypervisor().empty());
    CHECK(captured("neoverse-n1").hypervisor().empty()); // c6g.metal
    ScratchTree instance("neoverse-n1");
    instance.write("/sys/class/dmi/id/product_name", "c6g.large");
    CHECK(instance.machine().hypervisor() == "Amazon EC2");
    ScratchTree xen("biglittle");
    xen.write("/proc/device-tree/hypervisor/compatible", std::string("xen,xen-4.17\0xen,xen\0", 21));
    CHECK(xen.machine().hypervisor() == "Xen");
}

TEST_SUITE_END();
