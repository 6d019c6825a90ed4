#include "offloader/rows/arrow_writer.h"

#include <algorithm>
#include <utility>

#include "arrow_column.h"
#include "page_room.h"

namespace offloader::rows {
namespace {

constexpr std::size_t kBatchBytes = 1 << 20;
constexpr std::size_t kMostBatchRows = 64 << 10;
// After so many rows the size of a batch is looked at: texts may be long.
constexpr std::size_t kStep = 64;
// Less than the shortest metadata or body.
constexpr std::size_t kKeptBytes = 8;

}  // namespace

ArrowWriter::ArrowWriter(std::shared_ptr<ByteBudget> memory) : out_(std::move(memory)) {}

ArrowWriter::~ArrowWriter() = default;

Result<void> ArrowWriter::begin(const Columns& columns) {
  out_.begin(buffer_, columns.most_rows());
  columns_.clear();
  rows_ = 0;
  std::vector<arrow::Field> fields;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const catalog::SizedType type = query::result_type(columns.projection(i));
    fields.push_back({columns.name(i), type});
    columns_.emplace_back(type);
  }
  out_.put(arrow::schema_message(fields));
  return {};
}

Result<void> ArrowWriter::write(const Batch& batch) {
  for (std::size_t from = 0; from < batch.rows; from += kStep) {
    const std::size_t to = std::min(from + kStep, batch.rows);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (auto appended = columns_[i].append(batch.columns[i], from, to); !appended) return appended;
      bytes += columns_[i].bytes();
    }
    rows_ += to - from;
    if (bytes < kBatchBytes && rows_ < kMostBatchRows) continue;
    write_record_batch();
    if (out_.refused()) return fail(page_refused());
  }
  return {};
}

void ArrowWriter::write_record_batch() {
  if (rows_ == 0) return;
  std::string body;
  std::vector<arrow::Node> nodes;
  std::vector<arrow::Buffer> buffers;
  for (arrow::ColumnBuilder& column : columns_) column.flush(body, nodes, buffers);
  out_.put(arrow::record_batch_head(static_cast<std::int64_t>(std::exchange(rows_, 0)), nodes, buffers,
                                    static_cast<std::int64_t>(body.size())));
  out_.put(body);
}

Result<std::string> ArrowWriter::drain() {
  return out_.drain(kKeptBytes);
}

Result<void> ArrowWriter::finish() {
  write_record_batch();
  out_.put(arrow::end_of_stream());
  return out_.finish(0);
}

}  // namespace offloader::rows
