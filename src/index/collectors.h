#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "offloader/index/format.h"
#include "output_file.h"

namespace offloader::index {

// Gathers from one column's keys, while they are written, what has sections of its own
// (docs/index-format.md). One thread.
class Collector {
 public:
  virtual ~Collector() = default;
  // Once the column's entry is known, before any key: whether there is anything to gather of it.
  [[nodiscard]] virtual bool wants(const ColumnEntry& entry) = 0;
  // The keys of the rows from `row` on, as they are stored; all rows, in order.
  virtual void take(std::uint64_t row, std::span<const std::uint64_t> keys) = 0;
  virtual void write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& entry) = 0;
};

// Of the first sort column: its distinct keys, and the row where each begins. Left out where it would not
// pay.
class DirectoryCollector : public Collector {
 public:
  explicit DirectoryCollector(std::uint64_t rows) : rows_(rows) {}

  [[nodiscard]] bool wants(const ColumnEntry& entry) override;
  void take(std::uint64_t row, std::span<const std::uint64_t> keys) override;
  void write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& entry) override;

  // The row where each key begins; empty when nothing was written, or when rows of one key are told apart
  // (both zeros of a DOUBLE).
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

// Of the second sort column: the runs of rows that have the same key in it and in the first. Left out where
// they would not pay, and without a directory.
class RunCollector : public Collector {
 public:
  RunCollector(const DirectoryCollector& directory, std::uint64_t rows)
      : directory_(directory), rows_(rows) {}

  [[nodiscard]] bool wants(const ColumnEntry& entry) override;
  void take(std::uint64_t row, std::span<const std::uint64_t> keys) override;
  void write(OutputFile& out, std::uint32_t ordinal, const ColumnEntry& entry) override;

  // The row where each run begins, and the number of rows; empty when nothing was written.
  [[nodiscard]] std::span<const std::uint32_t> starts() const { return starts_; }

 private:
  const DirectoryCollector& directory_;
  std::uint64_t rows_;
  bool pays_ = true;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> of_directory_;
};

// Of a column of integers without nulls, in which a run's sum cannot leave 64 bits: that sum for each run.
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
