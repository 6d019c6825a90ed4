#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "offloader/rows/format.h"

namespace offloader::duckdb {

class ParquetInstance;

struct ParquetOptions {
  std::filesystem::path folder;    // of files that are being written; created if it does not exist
  std::uint64_t memory_limit = 0;  // bytes, of all writers together; 0: DuckDB's default
  // What a row group holds at most. It is in memory until it is written, and as long again while it is
  // encoded. Smaller groups of ordinary rows save memory that is not short (10 million rows of eight columns:
  // a peak of 35 MB, and 19 MB in groups of 8,192), and make files larger and slower to read, as DuckDB's and
  // Arrow's own readers expect about 100,000 rows. Rows with long texts need the bound in bytes: without it a
  // million of 256 bytes took 230 MB, with it 74, at the same speed.
  std::size_t group_rows = 122'880;
  std::size_t group_bytes = 16U << 20;
};

// Makes the writers of all formats. DuckDB writes Parquet, to files in a folder of the owner's: a small
// instance of its own, opened with the first such answer, so that an answer from any executor can be written.
// A file is unlinked as soon as it is whole or given up; one that is left after a crash is the owner's to
// remove. Writers may outlive this. Immutable; any thread.
class AnswerWriters final : public rows::WriterMaker {
 public:
  explicit AnswerWriters(ParquetOptions options);

  [[nodiscard]] Result<std::unique_ptr<rows::Writer>> make(rows::Format format,
                                                           rows::WriterOptions options) const override;

 private:
  const rows::TextWriters text_;
  const std::shared_ptr<ParquetInstance> parquet_;
};

}  // namespace offloader::duckdb
