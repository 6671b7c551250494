#include "number_list.hpp"

#include "keep_once.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <system_error>

namespace cli {
namespace {

constexpr int most_cpu = 65535; // eight times what the kernel can be built for

pmc::Error wrong(std::string_view option, std::string_view text, std::string_view what, std::string_view hint) {
    const std::string shown = pmc::record::shortened(pmc::record::printable(std::string(text)), 40);
    return pmc::Error(pmc::ErrorKind::misuse, pmc::Stage::parse, fmt::format("{}: '{}' {}", option, shown, what),
                      std::string(hint));
}

} // namespace

pmc::Expected<int> whole_number(std::string_view option, std::string_view text, int least, int most) {
    const std::string hint = most == std::numeric_limits<int>::max()
                                 ? fmt::format("give a whole number, {} or more", least)
                                 : fmt::format("give a whole number from {} to {}", least, most);
    int number = 0;
    const char* const end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc::result_out_of_range)
        return wrong(option, text, "is out of range", hint);
    if (error != std::errc{} || parsed != end)
        return wrong(option, text, "is no whole number", hint);
    if (number < least || number > most)
        return wrong(option, text, number < least ? "is too small" : "is too large", hint);
    return number;
}

pmc::Expected<std::vector<std::string>> elements(std::string_view option, const std::vector<std::string>& lists) {
    std::vector<std::string> all;
    for (std::string_view list : lists) {
        const std::string_view whole = list;
        for (bool more = true; more;) {
            const std::size_t comma = list.find(',');
            more = comma != std::string_view::npos;
            const std::string_view element = list.substr(0, comma);
            if (element.empty())
                return wrong(option, whole, "has an empty element", "separate what there is by single commas");
            all.emplace_back(element);
            list.remove_prefix(more ? comma + 1 : list.size());
        }
    }
    return all;
}

pmc::Expected<std::vector<int>> number_list(std::string_view option, const std::vector<std::string>& lists, int least) {
    const pmc::Expected<std::vector<std::string>> words = elements(option, lists);
    if (!words)
        return words.error();
    std::vector<int> numbers;
    for (const std::string& word : *words) {
        const pmc::Expected<int> number = whole_number(option, word, least, std::numeric_limits<int>::max());
        if (!number)
            return number.error();
        keep_once(numbers, *number);
    }
    return numbers;
}

pmc::Expected<std::vector<int>> cpu_list(std::string_view option, const std::vector<std::string>& lists) {
    const pmc::Expected<std::vector<std::string>> words = elements(option, lists);
    if (!words)
        return words.error();
    std::vector<int> cpus;
    constexpr const char* as_in = "write it as in 0,2-4";
    for (const std::string_view word : *words) {
        const std::size_t dash = word.find('-');
        const pmc::Expected<int> first = whole_number(option, word.substr(0, dash), 0, most_cpu);
        const pmc::Expected<int> last =
            dash == std::string_view::npos ? first : whole_number(option, word.substr(dash + 1), 0, most_cpu);
        if (!first || !last)
            return wrong(option, word, "is no CPU and no range of CPUs", as_in);
        if (*last < *first)
            return wrong(option, word, "is a range that ends before it begins", as_in);
        for (int cpu = *first; cpu <= *last; ++cpu)
            cpus.push_back(cpu);
    }
    std::ranges::sort(cpus);
    cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end()); // clang 14 can't compile libstdc++ 12's subrange
    return cpus;
}

} // namespace cli
