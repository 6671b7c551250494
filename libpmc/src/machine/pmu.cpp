#include "machine/pmu.hpp"

#include "machine/cpu_id.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace pmc {
namespace {

using kernel::FileTree;

// "cpu_lowpower": the low-power cores of Arrow Lake-H.
constexpr std::array<std::string_view, 4> x86_core_pmus{"cpu", "cpu_core", "cpu_atom", "cpu_lowpower"};

std::string path_of(std::string_view pmu, std::string_view file) {
    return std::string(pmu_folder).append("/").append(pmu).append("/").append(file);
}

std::optional<std::uint32_t> read_type(const FileTree& tree, std::string_view pmu) {
    const std::optional<long long> type = tree.read_number(path_of(pmu, "type"));
    if (!type || *type < 0 || *type > std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    return static_cast<std::uint32_t>(*type);
}

std::vector<int> read_cpu_list(const FileTree& tree, std::string_view pmu, std::string_view file) {
    return kernel::parse_cpu_list(tree.read(path_of(pmu, file)).value_or(""));
}

double read_scale(const FileTree& tree, const std::string& path) {
    const std::string text = tree.read(path).value_or("");
    double scale = 1.0;
    // Not strtod: "2.3e-10" means the same in every locale.
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), scale);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    return is_number && std::isfinite(scale) && scale > 0 ? scale : 1.0; // "inf" and "nan" are read, too
}

bool describes_another(std::string_view file) noexcept {
    for (const std::string_view suffix : {".scale", ".unit", ".snapshot", ".per-pkg"})
        if (file.ends_with(suffix))
            return true;
    return false;
}

// ---- encoding ----

/// C's notation, as the kernel and perf read it: 0x for hexadecimal, a leading 0 for octal.
std::optional<std::uint64_t> parse_value(std::string_view text) noexcept {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    } else if (text.size() > 1 && text.front() == '0') {
        base = 8;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// The word that a format or a term names; null if it is none that can be encoded.
std::uint64_t* word_of(Pmu::Encoded& encoded, std::string_view name) noexcept {
    if (name == "config")
        return &encoded.config;
    if (name == "config1")
        return &encoded.config1;
    if (name == "config2")
        return &encoded.config2;
    return nullptr;
}

/// The bits of "0-7,32-35"; 0 on anything else.
std::uint64_t parse_bits(std::string_view text) noexcept {
    std::uint64_t bits = 0;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view range = text.substr(0, comma);
        const std::size_t dash = range.find('-');
        unsigned first = 0;
        unsigned last = 0;
        const std::string_view low = range.substr(0, dash);
        const std::string_view high = dash == std::string_view::npos ? low : range.substr(dash + 1);
        const auto [low_end, low_error] = std::from_chars(low.data(), low.data() + low.size(), first);
        const auto [high_end, high_error] = std::from_chars(high.data(), high.data() + high.size(), last);
        if (low_error != std::errc{} || low_end != low.data() + low.size() || high_error != std::errc{} ||
            high_end != high.data() + high.size() || first > last || last > 63)
            return 0;
        bits |= (~std::uint64_t{0} >> (63 - (last - first))) << first;
        if (comma == std::string_view::npos)
            return bits;
        text.remove_prefix(comma + 1);
    }
}

/// Spreads the value over the bits, lowest first.
std::uint64_t deposit(std::uint64_t value, std::uint64_t bits) noexcept {
    std::uint64_t result = 0;
    while (bits != 0) {
        const std::uint64_t lowest = bits & (~bits + 1);
        if ((value & 1) != 0)
            result |= lowest;
        value >>= 1;
        bits ^= lowest;
    }
    return result;
}

std::string quoted(std::string_view text) {
    return std::string("'").append(text).append("'");
}

std::string known_terms(const Pmu& pmu) {
    std::string names;
    for (const auto& [name, format] : pmu.formats)
        names += names.empty() ? name : ", " + name;
    return names;
}

/// Encodes one term; says what is wrong with it, or nothing.
std::string encode_term(const Pmu& pmu, std::string_view term, Pmu::Encoded& encoded) {
    const std::size_t equals = term.find('=');
    const std::string_view name = term.substr(0, equals);
    if (name.empty())
        return "a term without a name";
    std::uint64_t value = 1;
    if (equals != std::string_view::npos) {
        const std::string_view text = term.substr(equals + 1);
        if (text == "?")
            return quoted(name) + " needs a value in place of its '?'";
        const std::optional<std::uint64_t> number = parse_value(text);
        if (!number)
            return quoted(text) + " is no number, in " + quoted(term);
        value = *number;
    }

    if (std::uint64_t* word = word_of(encoded, name); word != nullptr) {
        if (equals == std::string_view::npos)
            return quoted(name) + " needs a value";
        *word = value;
        return {};
    }
    const auto found = pmu.formats.find(name);
    if (found == pmu.formats.end()) {
        const std::string known = known_terms(pmu);
        return "unknown term " + quoted(name) + " of PMU " + quoted(pmu.name) +
               (known.empty() ? ", which has none but config" : ", which has " + known);
    }
    const std::string_view format = found->second;
    const std::size_t colon = format.find(':');
    std::uint64_t* word = word_of(encoded, format.substr(0, colon));
    const std::uint64_t bits = colon == std::string_view::npos ? 0 : parse_bits(format.substr(colon + 1));
    if (word == nullptr || bits == 0)
        return "the format of " + quoted(name) + " on PMU " + quoted(pmu.name) + " can't be used: " + quoted(format);
    const int width = std::popcount(bits);
    if (width < 64 && value >> width != 0)
        return "the value of " + quoted(term) + " is too wide: " + quoted(name) + " has " + std::to_string(width) +
               (width == 1 ? " bit" : " bits");
    *word = (*word & ~bits) | deposit(value, bits);
    return {};
}

} // namespace

std::optional<Pmu::Encoded> Pmu::encode(std::string_view terms, std::string& problem) const {
    Encoded encoded;
    while (true) {
        const std::size_t comma = terms.find(',');
        problem = encode_term(*this, terms.substr(0, comma), encoded);
        if (!problem.empty())
            return std::nullopt;
        if (comma == std::string_view::npos)
            return encoded;
        terms.remove_prefix(comma + 1);
    }
}

bool is_core_pmu_name(std::string_view name, std::string_view arch) noexcept {
    if (is_x86(arch)) {
        for (const std::string_view known : x86_core_pmus)
            if (name == known)
                return true;
        return false;
    }
    if (is_arm(arch))
        return name.starts_with("armv") || (name.starts_with("apple_") && name.ends_with("_pmu"));
    return name == "cpu";
}

std::vector<std::string> find_core_pmus(const FileTree& tree, std::string_view arch) {
    std::vector<std::string> found;
    const auto add = [&](std::string_view name) {
        if (is_core_pmu_name(name, arch) && read_type(tree, name))
            found.emplace_back(name);
    };
    if (is_arm(arch)) {
        for (const std::string& name : tree.list(pmu_folder))
            add(name);
        return found;
    }
    for (const std::string_view name : x86_core_pmus)
        add(name);
    return found;
}

std::vector<int> read_pmu_cpus(const FileTree& tree, std::string_view name) {
    return read_cpu_list(tree, name, "cpus");
}

std::optional<Pmu> read_pmu(const FileTree& tree, std::string_view arch, std::string_view name) {
    // The name is the user's: it must not lead out of the folder.
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos)
        return std::nullopt;
    const std::optional<std::uint32_t> type = read_type(tree, name);
    if (!type)
        return std::nullopt;

    Pmu pmu;
    pmu.name = name;
    pmu.type = *type;
    pmu.core = is_core_pmu_name(name, arch);
    pmu.cpus = read_cpu_list(tree, name, "cpus");
    // The statistical profiling extension calls its supported CPUs "cpumask", yet it can follow a thread.
    if (name.starts_with("arm_spe_"))
        pmu.cpus = read_cpu_list(tree, name, "cpumask");
    else
        pmu.cpumask = read_cpu_list(tree, name, "cpumask");

    for (const std::string& file : tree.list(path_of(name, "format")))
        if (std::optional<std::string> format = tree.read(path_of(name, "format/" + file)))
            pmu.formats.emplace(file, *std::move(format));
    for (const std::string& file : tree.list(path_of(name, "events"))) {
        if (describes_another(file))
            continue;
        const std::string path = path_of(name, "events/" + file);
        if (std::optional<std::string> terms = tree.read(path))
            pmu.events.emplace(file, SysfsEvent{*std::move(terms), read_scale(tree, path + ".scale"),
                                                tree.read(path + ".unit").value_or("")});
    }
    return pmu;
}

} // namespace pmc
