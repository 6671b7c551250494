#include "event/resolver.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace pmc {

namespace {

constexpr std::size_t longest_name = 64; ///< keeps hostile input cheap: no name that anybody knows is longer
constexpr std::size_t shortest_prefix = 3;
constexpr std::size_t most_suggestions = 3;

std::string normalised(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        else if (c == '-')
            c = '_';
    }
    return text;
}

/// Insertions, deletions, substitutions, and swaps of neighbours, which are the commonest slip of all.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

/// What the edit distance is at least.
std::size_t length_difference(std::string_view a, std::string_view b) noexcept {
    return std::max(a.size(), b.size()) - std::min(a.size(), b.size());
}

std::size_t common_prefix(std::string_view a, std::string_view b) noexcept {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

struct Candidate {
    std::size_t distance;
    std::size_t prefix;
    std::size_t index;
};

} // namespace

std::vector<std::string> suggest(std::string_view name, const std::vector<std::string>& known) {
    if (name.empty() || name.size() > longest_name)
        return {};
    const std::string wanted = normalised(name);
    const std::size_t tolerated = std::max<std::size_t>(1, wanted.size() / 3);

    std::vector<Candidate> near;
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (known[i].size() > longest_name)
            continue;
        const std::string candidate = normalised(known[i]);
        const std::size_t prefix = common_prefix(wanted, candidate);
        // What was typed so far is right: that is nearer than a far-fetched correction, however much is missing.
        const bool begun = wanted.size() >= shortest_prefix && prefix == wanted.size();
        if (!begun && length_difference(wanted, candidate) > tolerated)
            continue;
        std::size_t distance = edit_distance(wanted, candidate);
        if (begun)
            distance = std::min<std::size_t>(distance, 1);
        if (distance <= tolerated && distance < wanted.size())
            near.push_back({distance, prefix, i});
    }
    std::ranges::sort(near, [](const Candidate& a, const Candidate& b) {
        if (a.distance != b.distance)
            return a.distance < b.distance;
        return a.prefix != b.prefix ? a.prefix > b.prefix : a.index < b.index;
    });

    std::vector<std::string> names;
    for (const Candidate& candidate : near) {
        if (names.size() == most_suggestions)
            break;
        if (std::ranges::find(names, known[candidate.index]) == names.end())
            names.push_back(known[candidate.index]);
    }
    return names;
}

} // namespace pmc
