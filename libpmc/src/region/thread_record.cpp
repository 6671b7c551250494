#include "region/thread_record.hpp"

#include "kernel/page_size.hpp"

#include <algorithm>
#include <sys/mman.h>

namespace pmc {
namespace {

constexpr std::size_t rounded_up(std::size_t size, std::size_t unit) noexcept {
    return (size + unit - 1) / unit * unit;
}

constexpr std::uint64_t tags = RegionFrame::alignment - 1;

/// The address with another tag than `tagged` has, so that the tokens of frames that were taken away match no more.
std::uint64_t with_next_tag(std::uint64_t address, std::uint64_t tagged) noexcept {
    return (address & ~tags) | ((tagged + 1) & tags);
}

} // namespace

void* map_wiped_on_fork(std::size_t bytes) noexcept {
    // Only what is touched takes memory.
    void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED)
        return nullptr;
    if (madvise(mapped, bytes, MADV_WIPEONFORK) != 0) {
        munmap(mapped, bytes);
        return nullptr;
    }
    return mapped;
}

bool ThreadOwner::make_record(const RegionLayout& regions, std::size_t max_regions, kernel::UserClock clock) noexcept {
    const std::size_t head = rounded_up(sizeof(ThreadRecord), RegionFrame::alignment);
    const std::size_t frame_size = rounded_up(RegionFrame::bytes(regions.words), RegionFrame::alignment);
    const std::size_t frames = ThreadRecord::max_depth * frame_size;
    const std::size_t sums_size = rounded_up(RegionSums::bytes(regions.words, regions.groups.size()), 64);
    // The page after the sums belongs to nobody else either: the processor fetches lines in pairs.
    mapped = rounded_up(head + frames + (max_regions + 1) * sums_size, kernel::page_size());
    void* memory = map_wiped_on_fork(mapped);
    if (memory == nullptr)
        return false;
    layout = &regions;
    record = new (memory) ThreadRecord{};
    const auto start = reinterpret_cast<std::uint64_t>(memory);
    record->base = start + head;
    record->next = record->base;
    record->limit = record->base + frames;
    record->frame_size = frame_size;
    record->sums = record->limit;
    record->sums_size = sums_size;
    record->words = regions.words;
    record->clock = clock;
    record->owner = this;
    for (std::size_t i = 0; i < groups.size(); ++i)
        if (!groups[i])
            record->missing |= std::uint64_t{1} << i;
    choose_readers(*record, *this);
    return true;
}

ThreadOwner::~ThreadOwner() {
    if (record != nullptr)
        munmap(record, mapped);
}

void pop_orphans(ThreadRecord& record) noexcept {
    while (record.next >= record.base + record.frame_size) {
        const std::uint64_t top = record.next - record.frame_size;
        if (token_of(*RegionFrame::of(top)) != 0)
            return;
        record.next = with_next_tag(top, top);
    }
}

bool end_within(ThreadRecord& record, std::uint64_t token) noexcept {
    const auto frame = reinterpret_cast<std::uint64_t>(RegionFrame::of(token));
    if (record.limit == 0 || frame < record.base || frame + record.frame_size > record.next ||
        (frame - record.base) % record.frame_size != 0 || token_of(*RegionFrame::of(token)) != token)
        return false;
    const std::uint64_t above = record.next;
    record.finish(token, record);
    record.next = with_next_tag(record.next, above);
    return true;
}

} // namespace pmc
