#include "oracle.hpp"

#include <doctest/doctest.h>

#include <pmc/machine.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace oracle {
namespace {

/// Marks where the uprobe sits: one instruction that is run once a call.
__attribute__((noinline)) void called() {
    asm volatile("" ::: "memory");
}

const std::string& own_file() {
    static const std::string path = [] {
        std::array<char, 4096> buffer{};
        const ssize_t length = readlink("/proc/self/exe", buffer.data(), buffer.size());
        return std::string(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    }();
    return path;
}

/// Where an address of this program stands in its file.
std::uint64_t file_offset(std::uintptr_t address) {
    std::FILE* maps = std::fopen("/proc/self/maps", "r");
    if (maps == nullptr)
        return 0;
    std::array<char, 4096> line{};
    std::uint64_t found = 0;
    while (found == 0 && std::fgets(line.data(), static_cast<int>(line.size()), maps) != nullptr) {
        char* at = line.data();
        const std::uint64_t begin = std::strtoull(at, &at, 16);
        const std::uint64_t end = std::strtoull(at + 1, &at, 16);
        const std::uint64_t offset = std::strtoull(at + 6, nullptr, 16); // past " r-xp "
        if (address >= begin && address < end)
            found = address - begin + offset;
    }
    (void)std::fclose(maps);
    return found;
}

} // namespace

void call(int times) {
    for (int i = 0; i < times; ++i)
        called();
}

pmc::Event calls() {
    pmc::Event event;
    event.name = "uprobe/oracle/";
    event.pmu = "uprobe";
    const pmc::Pmu* pmu = pmc::Machine::host().pmu("uprobe");
    event.type = pmu != nullptr ? pmu->type : 0xffff;
    event.config1 = reinterpret_cast<std::uintptr_t>(own_file().c_str()); // the path
    event.config2 = file_offset(reinterpret_cast<std::uintptr_t>(&called));
    return event;
}

// Not instrumented: the sanitizer would touch pages of its own shadow memory.
__attribute__((no_sanitize("address"))) void fault(int pages) {
    const auto page = static_cast<std::size_t>(getpagesize());
    const std::size_t size = page * static_cast<std::size_t>(pages);
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return;                             // the count will tell
    madvise(memory, size, MADV_NOHUGEPAGE); // or one fault would bring many pages
    for (std::size_t at = 0; at < size; at += page)
        static_cast<volatile char*>(memory)[at] = 1;
    munmap(memory, size);
}

void fault_everywhere() {
    fault(1);
    std::thread first{fault, 1000};
    std::thread second{fault, 1000};
    first.join();
    second.join();
    const pid_t child = fork();
    if (child == 0) {
        fault(4000);
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
}

} // namespace oracle

// counter_set's tests run this program again, with one of these cases only, as the command that is counted.
TEST_CASE("oracle: calls") {
    oracle::call(oracle::command_calls);
}
TEST_CASE("oracle: faults everywhere") {
    oracle::fault_everywhere();
}
