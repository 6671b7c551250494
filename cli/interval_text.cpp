#include "interval_text.hpp"

#include "cells.hpp"
#include "number.hpp"
#include "report_header.hpp"
#include "report_text.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <utility>

namespace cli {

using pmc::Sample;

namespace {

std::string number_of(const ReportTable::Column& column, double value) {
    if (column.is_event)
        return pmc::record::value_text(value, column.cell_unit);
    return pmc::record::ratio_text(value) + (column.unit.empty() ? "" : " ") + column.unit;
}

} // namespace

IntervalText::IntervalText(pmc::Result described, int interval_ms, Screen screen, Sparks sparks)
    : described_(std::move(described)), interval_ms_(interval_ms), screen_(screen), sparks_(sparks) {}

void IntervalText::begin(const std::vector<Sample>& samples, std::string& text) {
    first_ = samples;
    table_.emplace(samples, true);
    in_blocks_ = table_->width() > static_cast<std::size_t>(std::max(screen_.columns, 0));
    std::string title = header_line(described_, {});
    title.insert(title.size() - 1, fmt::format(", every {}", pmc::record::duration_text(interval_ms_ * 1e-3)));
    text += title;
    if (sparks_ == Sparks::none)
        return;
    for (const Sample& sample : samples)
        for (const ReportTable::Column& column : table_->columns())
            spark_titles_.push_back(samples.size() == 1 ? column.title
                                                        : pmc::record::printable(sample.id) + ' ' + column.title);
    spark_of_.resize(spark_titles_.size());
}

void IntervalText::add(const std::vector<Sample>& samples, std::string& text) {
    if (samples.empty())
        return;
    if (!table_)
        begin(samples, text);
    if (in_blocks_) {
        for (const Sample& sample : samples)
            text += block_text(described_, sample, true);
    } else {
        add_lines(samples, text);
    }
    keep_values(samples);
}

void IntervalText::add_lines(const std::vector<Sample>& samples, std::string& text) {
    const auto screenful = static_cast<std::size_t>(std::max(screen_.rows - 1, 1));
    const bool is_first = header_lines_ == 0;
    if (is_first || header_lines_ + lines_ + samples.size() > screenful) {
        if (!is_first)
            text += spark_lines();
        const std::string header = table_->header();
        text += header;
        header_lines_ = static_cast<std::size_t>(std::ranges::count(header, '\n'));
        lines_ = 0;
    }
    for (const Sample& sample : samples)
        table_->add_line(sample, text);
    lines_ += samples.size();
}

void IntervalText::keep_values(const std::vector<Sample>& samples) {
    const std::vector<ReportTable::Column>& columns = table_->columns();
    for (std::size_t i = 0; i < spark_of_.size(); ++i) {
        const std::size_t row = i / columns.size();
        spark_of_[i].add(row < samples.size() ? ReportTable::value(samples[row], columns[i % columns.size()])
                                              : std::nullopt);
    }
}

std::string IntervalText::spark_lines() const {
    std::size_t width = 0;
    for (const std::string& title : spark_titles_)
        width = std::max(width, pmc::record::width(title));
    std::string text;
    for (std::size_t i = 0; i < spark_of_.size(); ++i) {
        const Spark& spark = spark_of_[i];
        if (!spark.has_values())
            continue;
        const ReportTable::Column& column = table_->columns()[i % table_->columns().size()];
        text += fmt::format("  {}{:{}}  [{}]  {} to {}\n", spark_titles_[i], "",
                            width - pmc::record::width(spark_titles_[i]), spark.text(sparks_ == Sparks::blocks),
                            number_of(column, spark.least()), number_of(column, spark.most()));
    }
    return text;
}

std::string IntervalText::end() {
    if (!table_)
        return {};
    return spark_lines() + (in_blocks_ ? std::string() : table_->footer(described_)) + hint_lines(described_, first_);
}

} // namespace cli
