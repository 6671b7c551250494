#include "table/packed.hpp"

#include <bit>

namespace pmc::packed {
namespace {

/// Reads one value after the other.
class Reader {
public:
    explicit Reader(std::uint32_t at) noexcept : at_(words + at) {}

    std::uint32_t number() noexcept { return *at_++; }
    bool flag() noexcept { return number() != 0; }
    std::string_view text() noexcept {
        const std::uint32_t word = number();
        return {packed::text + (word >> 12), word & 0xfff};
    }
    double real() noexcept {
        const std::uint64_t low = number();
        return std::bit_cast<double>(std::uint64_t{number()} << 32 | low);
    }
    /// A list: its length, then its items.
    template <typename Make>
    auto list(Make make) {
        std::vector<decltype(make(*this))> items;
        const std::uint32_t count = number();
        items.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i)
            items.push_back(make(*this));
        return items;
    }
    std::vector<std::string_view> texts() {
        return list([](Reader& reader) { return reader.text(); });
    }

private:
    const std::uint32_t* at_;
};

// Braces evaluate from left to right: the fields stand in the order in which they are packed.

RoleEvent role_event(Reader& in) {
    return {.role = in.text(),
            .pmu = in.text(),
            .terms = in.text(),
            .generic = in.text(),
            .only = in.text(),
            .pfm = in.text(),
            .sysfs = in.text(),
            .scale = in.real(),
            .unit = in.text(),
            .on = in.text(),
            .quality = in.text(),
            .scope = in.text(),
            .counts = in.text()};
}

Constant constant(Reader& in) {
    return {.name = in.text(), .value = in.real()};
}

KernelName kernel_name(Reader& in) {
    return {.name = in.text(), .vendor = in.text(), .counts = in.text()};
}

MetricValueDef metric_value(Reader& in) {
    return {.id = in.text(),
            .label = in.text(),
            .unit = in.text(),
            .formula = in.text(),
            .better = in.text(),
            .optional = in.flag()};
}

LetDef let(Reader& in) {
    return {.name = in.text(), .formula = in.text()};
}

MetricVariant variant(Reader& in) {
    return {.needs = in.texts(),
            .lets = in.list(let),
            .values = in.list(metric_value),
            .leader = in.text(),
            .smt = in.text(),
            .strict = in.flag()};
}

MetricDef metric(Reader& in) {
    return {.id = in.text(),
            .title = in.text(),
            .read = in.text(),
            .source = in.text(),
            .variants = in.list(variant),
            .also = in.texts(),
            .standard = in.flag()};
}

RoleInfo role_info(Reader& in) {
    return {.role = in.text(), .title = in.text(), .unit = in.text(), .of = in.text(), .mode = in.text()};
}

PmuFormats::Alias alias(Reader& in) {
    return {.name = in.text(), .terms = in.text(), .scale = in.text(), .unit = in.text()};
}

PmuFormats pmu_formats(Reader& in) {
    return {.name = in.text(),
            .type = in.number(),
            .cpumask = in.text(),
            .fields = in.list([](Reader& field) {
                return std::pair{field.text(), field.text()};
            }),
            .events = in.list(alias)};
}

Header header(Reader& in) {
    return {.id = in.text(), .core_pmu = in.text(), .match = in.texts()};
}

} // namespace

Header unpack_header(std::uint32_t at) {
    Reader in(at);
    return header(in);
}

CpuTable unpack_cpu_table(std::uint32_t at) {
    Reader in(at);
    Header head = header(in);
    return {.id = head.id,
            .title = in.text(),
            .match = std::move(head.match),
            .core_pmu = head.core_pmu,
            .pfm = in.text(),
            .formats = in.text(),
            .width = in.number(),
            .counters = {.generic = in.number(),
                         .fixed_cycles = in.number(),
                         .fixed_instructions = in.number(),
                         .fixed_ref_cycles = in.number(),
                         .fixed_slots = in.number()},
            .generic_alone = in.number(),
            .constants = in.list(constant),
            .events = in.list(role_event),
            .names = in.list(kernel_name),
            .without = in.texts()};
}

Formats unpack_formats(std::uint32_t at) {
    Reader in(at);
    return {.id = in.text(), .pmus = in.list(pmu_formats)};
}

std::optional<Formats> find_formats(std::string_view id) {
    for (std::size_t i = 0; i < formats_count; ++i) {
        if (Formats known = unpack_formats(formats[i]); known.id == id)
            return known;
    }
    return std::nullopt;
}

std::vector<MetricDef> unpack_metrics() {
    return Reader(metrics).list(metric);
}

std::vector<RoleInfo> unpack_roles() {
    return Reader(roles).list(role_info);
}

std::vector<std::string_view> unpack_constants() {
    return Reader(constants).texts();
}

} // namespace pmc::packed
