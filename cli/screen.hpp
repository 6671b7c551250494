#pragma once

namespace cli {

/// How much of a report can be seen at once.
struct Screen {
    int columns = 100;
    int rows = 25;
    bool is_terminal = false;

    /// Of the terminal that a descriptor is; else COLUMNS and LINES, where they are set.
    static Screen of(int fd);
};

} // namespace cli
