#include "offloader/index/writer.h"

#include <algorithm>

#include "column_writer.h"
#include "offloader/rows/columns.h"

namespace offloader::index {
namespace {

tl::unexpected<Error> spill_failed(const ColumnWriter& column) {
  return fail(index_not_written(column.spill_error(), "spill of column " + column.name()));
}

}  // namespace

Writer::Writer(std::filesystem::path path, Layout layout)
    : path_(std::move(path)), layout_(std::move(layout)) {
  columns_.reserve(layout_.columns.size());
  for (const catalog::Column& column : layout_.columns) columns_.emplace_back(column, path_.parent_path());
  sorted_ = std::min<std::size_t>(layout_.sort_columns.size(), kMaxSortColumns);
  for (std::size_t k = 0; k < sorted_; ++k) {
    if (layout_.columns[layout_.sort_columns[k]].type == catalog::ColumnType::json) sorted_ = k;
  }
}

void Writer::belongs_to(std::string fingerprint, std::uint64_t layout) {
  fingerprint_ = std::move(fingerprint);
  layout_id_ = layout;
}

Writer::~Writer() = default;

Result<void> Writer::append(const rows::Batch& batch) {
  if (batch.columns.size() != columns_.size())
    return fail(ErrorCode::internal, "the index cannot be built", "column count");
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (batch.columns[c].kind != rows::kind_of(layout_.columns[c].type) ||
        batch.columns[c].dictionary != nullptr) {
      return fail(ErrorCode::internal, "the index cannot be built",
                  "values of column " + layout_.columns[c].name);
    }
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) columns_[c].append(batch.columns[c], batch.rows);
  check_order(batch.rows);
  rows_ += batch.rows;
  if (rows_ > kMaxRows) return fail(ErrorCode::too_large, "too many rows for an index");
  for (const ColumnWriter& column : columns_) {
    if (column.spill_error() != 0) return spill_failed(column);
  }
  return {};
}

void Writer::check_order(std::size_t count) {
  for (std::size_t i = 0; i < count && sorted_ > 0; ++i) {
    for (std::size_t k = 0; k < sorted_; ++k) {
      const int compared = columns_[layout_.sort_columns[k]].compare_with_previous(i);
      if (compared < 0) break;
      if (compared > 0) sorted_ = k;
    }
  }
}

Result<void> Writer::finish() {
  OutputFile out(path_);
  Header header{};
  header.rows = rows_;
  std::memcpy(header.snapshot, fingerprint_.data(), std::min(fingerprint_.size(), sizeof header.snapshot));
  header.layout = layout_id_;
  header.tenant_column = kNoColumn;
  std::vector<ColumnEntry> entries;
  std::vector<std::uint32_t> ordinals(columns_.size(), kNoColumn);
  // Sort columns come first in a layout, so the runs are complete before the sums of other columns need them.
  DirectoryCollector directory(rows_);
  RunCollector runs(directory, rows_);
  SumCollector sums(runs);
  const auto collector_of = [&](std::size_t c) -> Collector* {
    if (sorted_ > 0 && layout_.sort_columns[0] == c) return &directory;
    if (sorted_ > 1 && layout_.sort_columns[1] == c) return &runs;
    return &sums;
  };
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (!columns_[c].storable()) continue;
    ordinals[c] = static_cast<std::uint32_t>(entries.size());
    columns_[c].finish(out, ordinals[c], rows_, collector_of(c));
    entries.push_back(columns_[c].entry());
    if (columns_[c].spill_error() != 0) return spill_failed(columns_[c]);
  }
  if (layout_.tenant_column) header.tenant_column = ordinals[*layout_.tenant_column];
  for (std::size_t k = 0; k < sorted_; ++k) {
    const std::uint32_t ordinal = ordinals[layout_.sort_columns[k]];
    if (ordinal == kNoColumn) break;
    header.sort_column[header.sort_columns++] = ordinal;
  }
  return out.publish(header, entries);
}

}  // namespace offloader::index
