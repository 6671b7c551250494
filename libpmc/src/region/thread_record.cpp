#include "region/thread_record.hpp"

#include "kernel/page_size.hpp"

#include <algorithm>
#include <sys/mman.h>

namespace pmc {
namespace {

constexpr std::size_t rounded_up(std::size_t size, std::size_t unit) noexcept {
    return (size + unit - 1) / unit * unit;
}

/// A new tag, so that the tokens of frames that were taken away match no more. `next` is where the next frame goes.
void retag(ThreadRecord& record, std::uint64_t next, std::uint64_t old_tag) noexcept {
    const std::uint64_t tag = (old_tag + 1) << RegionFrame::address_bits;
    record.next = RegionFrame::address_of(next) | tag;
    record.limit = RegionFrame::address_of(record.limit) | tag;
}

constexpr std::uint64_t tag_of(std::uint64_t token) noexcept {
    return token >> RegionFrame::address_bits;
}

/// Where a thread begins: a new one's record may lie where an ended one's was.
std::uint64_t first_tag() noexcept {
    static constinit std::atomic<std::uint16_t> count{0};
    return count.fetch_add(1, std::memory_order_relaxed);
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

bool ThreadOwner::make_record(const RegionLayout& regions, std::size_t numbers, kernel::UserClock clock) noexcept {
    constexpr std::size_t line = 64;
    const std::size_t head = rounded_up(sizeof(ThreadRecord), line);
    const std::size_t frame_size = rounded_up(RegionFrame::bytes(regions.words), line);
    const std::size_t frames = ThreadRecord::max_depth * frame_size;
    const std::size_t sums_size = rounded_up(RegionSums::bytes(regions.words, regions.groups.size()), line);
    // The page after the sums belongs to nobody else either: the processor fetches lines in pairs.
    mapped = rounded_up(head + frames + numbers * sums_size, kernel::page_size());
    void* memory = map_wiped_on_fork(mapped);
    if (memory == nullptr)
        return false;
    layout = &regions;
    record = new (memory) ThreadRecord{};
    const auto start = reinterpret_cast<std::uint64_t>(memory);
    record->base = start + head;
    record->limit = record->base + frames;
    retag(*record, record->base, first_tag());
    record->frame_size = frame_size;
    record->sums = record->base + frames;
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
    while (RegionFrame::address_of(record.next) > record.base) {
        const std::uint64_t top = record.next - record.frame_size;
        if (token_of(*RegionFrame::of(top)) != RegionFrame::orphaned)
            return;
        retag(record, top, tag_of(top));
    }
}

bool end_within(ThreadRecord& record, std::uint64_t token) noexcept {
    const std::uint64_t frame = RegionFrame::address_of(token);
    if (record.limit == 0 || frame < record.base || frame >= RegionFrame::address_of(record.next) ||
        (frame - record.base) % record.frame_size != 0 || token_of(*RegionFrame::of(token)) != token)
        return false;
    const std::uint64_t above = record.next;
    record.finish(token, record);
    retag(record, record.next, tag_of(above));
    return true;
}

} // namespace pmc
