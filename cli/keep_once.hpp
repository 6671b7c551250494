#pragma once

#include <algorithm>
#include <utility>
#include <vector>

namespace cli {

/// Adds what is not there yet.
template <typename Value>
void keep_once(std::vector<Value>& all, Value one) {
    if (std::ranges::find(all, one) == all.end())
        all.push_back(std::move(one));
}

} // namespace cli
