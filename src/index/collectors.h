#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "offloader/index/format.h"
#include "output_file.h"

namespace offloader::index {

// Collects data for additional sections from a column's keys while they are written (docs/index-format.md).
// Owned by Writer::finish(). One thread.
class Collector {
 public:
  virtual ~Collector() = default;
  // Whether there is anything to collect from the column. Called once its entry is known, before take().
  [[nodiscard]] virtual bool wants(const ColumnEntry& entry) = 0;
  // Takes the stored keys of the rows from `row` on. Called for all rows, in order.
  virtual void take(std::uint64_t row, std::span<const std::uint64_t> keys) = 0;
  // Appends the sections, if they pay, after the last take(). `ordinal` is the column's.
  virtual void write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& entry) = 0;
};

// For the first sort column: its distinct keys and the first row of each. Written only if there are at most
// 1024 keys or at least 16 rows per key.
class DirectoryCollector : public Collector {
 public:
  explicit DirectoryCollector(std::uint64_t rows) : rows_(rows) {}

  [[nodiscard]] bool wants(const ColumnEntry& entry) override;
  void take(std::uint64_t row, std::span<const std::uint64_t> keys) override;
  void write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& entry) override;

  // The first row of each key. Empty if nothing was written, or for a DOUBLE column, whose two zeros are
  // different keys but one group.
  [[nodiscard]] std::span<const std::uint64_t> starts() const { return starts_; }
  [[nodiscard]] std::uint32_t ordinal() const { return ordinal_; }

 private:
  std::uint64_t rows_;
  bool exact_ = false;
  bool pays_ = true;
  std::uint32_t ordinal_ = kNoColumn;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint64_t> starts_;
};

// For the second sort column: the runs of rows with equal keys in it and in the first one. Written only if
// there is a directory, and at most 1024 runs or at least 8 rows per run, and at most about four million.
class RunCollector : public Collector {
 public:
  RunCollector(const DirectoryCollector& directory, std::uint64_t rows)
      : directory_(directory), rows_(rows) {}

  [[nodiscard]] bool wants(const ColumnEntry& entry) override;
  void take(std::uint64_t row, std::span<const std::uint64_t> keys) override;
  void write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& entry) override;

  // The first row of each run, then the row count. Empty if nothing was written.
  [[nodiscard]] std::span<const std::uint32_t> starts() const { return starts_; }

 private:
  const DirectoryCollector& directory_;
  std::uint64_t rows_;
  bool pays_ = true;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> of_directory_;
};

// For an INTEGER, BIGINT or DECIMAL column without nulls and with keys of at most 32 bits, so that no sum
// overflows 64 bits: the sum of the keys in each run. Used for one column after another.
class SumCollector : public Collector {
 public:
  explicit SumCollector(const RunCollector& runs) : runs_(runs) {}

  [[nodiscard]] bool wants(const ColumnEntry& entry) override;
  void take(std::uint64_t row, std::span<const std::uint64_t> keys) override;
  void write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& entry) override;

 private:
  const RunCollector& runs_;
  std::vector<std::uint64_t> sums_;
};

}  // namespace offloader::index
