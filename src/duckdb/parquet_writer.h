#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "offloader/base/descriptor.h"
#include "offloader/rows/format.h"
#include "offloader/rows/text_output.h"
#include "parquet_copy.h"

namespace offloader::duckdb {

// Writes rows as a Parquet file. Nothing can be drained before finish(), because a reader begins at the end
// of a file. Ownership, threads and errors are those of Writer, and those of ParquetCopy.
class ParquetWriter final : public rows::Writer {
 public:
  ParquetWriter(std::shared_ptr<ParquetInstance> instance, rows::WriterOptions options);

  [[nodiscard]] bool may_block() const override { return true; }
  [[nodiscard]] Result<void> begin(const rows::Columns& columns) override;
  [[nodiscard]] Result<void> write(const rows::Batch& batch) override { return copy_->write(batch); }
  [[nodiscard]] Result<void> finish() override;
  // Requires: the answer is streamed.
  [[nodiscard]] Result<std::string> drain() override;
  // Requires: the answer is not streamed.
  [[nodiscard]] rows::Page take() override { return out_.take(); }

 private:
  // Reads the whole file into `out_`.
  [[nodiscard]] Result<void> load();
  // Reads the next bytes of the file to `at`, at most so many. Returns how many, 0 only at the end.
  [[nodiscard]] Result<std::size_t> read(char* at, std::size_t bytes);

  const std::shared_ptr<ParquetInstance> instance_;
  const bool streamed_;
  std::unique_ptr<ParquetCopy> copy_;  // from begin() to finish()
  Descriptor file_;                    // from finish() on
  std::size_t left_ = 0;               // bytes of the file to read
  std::string buffer_;
  rows::TextOutput out_;
};

}  // namespace offloader::duckdb
