#pragma once

#include <memory>
#include <string>
#include <vector>

#include "offloader/rows/text_output.h"
#include "offloader/rows/writer.h"

namespace offloader::rows {

namespace arrow {
class ColumnBuilder;
}

// Writes rows as an Arrow IPC stream: a schema, record batches of up to about 1 MiB, and the end of the
// stream (consumer-api.md, "Formats"). Sums of integers are DECIMAL(38,0). Ownership, threads and errors are
// those of Writer.
class ArrowWriter final : public Writer {
 public:
  // A page of more than 1 MiB is counted in `memory`; null: unbounded.
  explicit ArrowWriter(std::shared_ptr<ByteBudget> memory);
  ~ArrowWriter() override;

  [[nodiscard]] Result<void> begin(const Columns& columns) override;
  [[nodiscard]] Result<void> write(const Batch& batch) override;
  // Keeps back the end of the last message: for readers, a stream that ends after a message is whole, with or
  // without the mark of its end.
  [[nodiscard]] Result<std::string> drain() override;
  [[nodiscard]] Result<void> finish() override;
  [[nodiscard]] Page take() override { return out_.take(); }

 private:
  void write_record_batch();

  std::vector<arrow::ColumnBuilder> columns_;
  std::size_t rows_ = 0;  // in `columns_`
  std::string buffer_;
  TextOutput out_;
};

}  // namespace offloader::rows
