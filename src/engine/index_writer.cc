#include "index_writer.h"

#include <algorithm>

namespace offloader::engine {
namespace {

tl::unexpected<Error> spill_failed(const IndexColumnWriter& column) {
  return fail(index_not_written(column.spill_error(), "spill of column " + column.name()));
}

}  // namespace

IndexWriter::IndexWriter(std::filesystem::path path, IndexLayout layout)
    : path_(std::move(path)), layout_(std::move(layout)) {
  columns_.reserve(layout_.columns.size());
  for (const catalog::Column& column : layout_.columns) columns_.emplace_back(column, path_.parent_path());
  sorted_ = std::min<std::size_t>(layout_.sort_columns.size(), kIndexMaxSortColumns);
  for (std::size_t k = 0; k < sorted_; ++k) {
    if (layout_.columns[layout_.sort_columns[k]].type == catalog::ColumnType::json) sorted_ = k;
  }
}

void IndexWriter::belongs_to(std::string fingerprint, std::uint64_t layout) {
  fingerprint_ = std::move(fingerprint);
  layout_id_ = layout;
}

Result<void> IndexWriter::append(std::span<const ColumnChunk> chunks) {
  if (chunks.size() != columns_.size())
    return fail(ErrorCode::internal, "the index cannot be built", "column count");
  if (chunks.empty()) return {};
  const std::size_t count = chunks[0].count;
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    if (chunks[c].count != count || chunks[c].type != layout_.columns[c].type) {
      return fail(ErrorCode::internal, "the index cannot be built",
                  "chunk of column " + layout_.columns[c].name);
    }
  }
  for (std::size_t first = 0; first < count; first += IndexColumnWriter::kMaxRun) {
    const std::size_t run = std::min(IndexColumnWriter::kMaxRun, count - first);
    for (std::size_t c = 0; c < chunks.size(); ++c) columns_[c].append(chunks[c], first, run);
    check_order(run);
  }
  rows_ += count;
  if (rows_ > kIndexMaxRows) return fail(ErrorCode::too_large, "too many rows for an index");
  for (const IndexColumnWriter& column : columns_) {
    if (column.spill_error() != 0) return spill_failed(column);
  }
  return {};
}

void IndexWriter::check_order(std::size_t count) {
  for (std::size_t i = 0; i < count && sorted_ > 0; ++i) {
    for (std::size_t k = 0; k < sorted_; ++k) {
      const int compared = columns_[layout_.sort_columns[k]].compare_with_previous(i);
      if (compared < 0) break;
      if (compared > 0) sorted_ = k;
    }
  }
}

Result<void> IndexWriter::finish() {
  IndexOutputFile out(path_);
  IndexHeader header{};
  header.rows = rows_;
  std::memcpy(header.snapshot, fingerprint_.data(), std::min(fingerprint_.size(), sizeof header.snapshot));
  header.layout = layout_id_;
  header.tenant_column = kIndexNoColumn;
  std::vector<IndexColumnEntry> entries;
  std::vector<std::uint32_t> ordinals(columns_.size(), kIndexNoColumn);
  // Sort columns come first in a layout: what they were collected of is there when the others are finished.
  IndexDirectoryCollector directory(rows_);
  IndexRunCollector runs(directory, rows_);
  IndexSumCollector sums(runs);
  const auto collector_of = [&](std::size_t c) -> IndexCollector* {
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
    if (ordinal == kIndexNoColumn) break;
    header.sort_column[header.sort_columns++] = ordinal;
  }
  return out.publish(header, entries);
}

}  // namespace offloader::engine
