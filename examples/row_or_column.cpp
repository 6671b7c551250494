// A program worth counting: it adds up the same matrix by rows or by columns. The work is the same, the instructions
// nearly are, but the column walk meets a new cache line at every step.
//
//     pmcstat ./row_or_column row
//     pmcstat ./row_or_column column
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t side = 2048;
constexpr int passes = 8;

class Matrix {
public:
    Matrix() : cells_(side * side) {
        for (std::size_t i = 0; i < cells_.size(); ++i)
            cells_[i] = static_cast<std::uint32_t>(i);
    }

    [[nodiscard]] std::uint64_t sum_by_rows() const {
        std::uint64_t sum = 0;
        for (std::size_t row = 0; row < side; ++row)
            for (std::size_t column = 0; column < side; ++column)
                sum += cells_[row * side + column];
        return sum;
    }

    [[nodiscard]] std::uint64_t sum_by_columns() const {
        std::uint64_t sum = 0;
        for (std::size_t column = 0; column < side; ++column)
            for (std::size_t row = 0; row < side; ++row)
                sum += cells_[row * side + column];
        return sum;
    }

private:
    std::vector<std::uint32_t> cells_;
};

} // namespace

int main(int argc, char** argv) {
    const std::string_view order = argc == 2 ? argv[1] : "";
    if (order != "row" && order != "column") {
        std::fputs("usage: row_or_column row|column\n", stderr);
        return EXIT_FAILURE;
    }
    const Matrix matrix;
    std::uint64_t sum = 0;
    for (int pass = 0; pass < passes; ++pass)
        sum += order == "row" ? matrix.sum_by_rows() : matrix.sum_by_columns();
    std::printf("sum by %s: %llu\n", argv[1], static_cast<unsigned long long>(sum));
}
