// A process whose threads and children come and go, until its standard input ends: the subject of soak.
#include "coming_and_going.hpp"

#include <cstdlib>
#include <vector>

namespace {

/// Page faults to count, and memory to give back.
void touch_memory() {
    std::vector<char> pages(1U << 16);
    *const_cast<volatile char*>(pages.data()) = 1;
}

} // namespace

int main() {
    std::atomic<bool> over = false;
    std::thread worker([&] { bench::come_and_go(over, touch_memory); });
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    over = true;
    worker.join();
}
