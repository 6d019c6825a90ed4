#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "index_collectors.h"
#include "index_dictionary.h"
#include "index_output_file.h"
#include "index_spill.h"
#include "offloader/catalog/column.h"

namespace offloader::engine {

// Consecutive values of one column, borrowed for a call. `values` points to bool, int32 (INTEGER, DATE),
// int64 (BIGINT, TIMESTAMP), double, or std::string_view (VARCHAR, JSON). Bit i of `validity` (64-bit words,
// least first) is set when value i is not null; a null pointer means that none is null. What lies at a null
// is never read.
struct ColumnChunk {
  catalog::ColumnType type = catalog::ColumnType::varchar;
  const void* values = nullptr;
  const std::uint64_t* validity = nullptr;
  std::size_t count = 0;
};

// One column of an index under construction. Its values wait in a spill, each run of rows as narrow as its
// own range, until the whole range is known. One thread.
class IndexColumnWriter {
 public:
  static constexpr std::size_t kMaxRun = 2048;

  IndexColumnWriter(catalog::Column column, const std::filesystem::path& spill_folder);

  // `count` (at most kMaxRun) values from `first` of the chunk. `runs` receives their keys (a null's is all
  // ones, see `null_at`).
  void append(const ColumnChunk& chunk, std::size_t first, std::size_t count);

  // Orders the values at i-1 and i of the last appended run, nulls last; i = 0 compares with the run before
  // it.
  [[nodiscard]] int compare_with_previous(std::size_t i) const;

  // Whether the format can hold the column; else it is left out: both ends of the 64-bit range beside nulls,
  // or too many strings.
  [[nodiscard]] bool storable() const;

  // Appends the column's sections. `collector`, if any, sees the keys as they are stored and appends its own.
  void finish(IndexOutputFile& out, std::uint32_t ordinal, std::uint64_t rows, IndexCollector* collector);

  [[nodiscard]] const IndexColumnEntry& entry() const { return entry_; }
  [[nodiscard]] const std::string& name() const { return column_.name; }
  [[nodiscard]] int spill_error() const { return spill_.error(); }

 private:
  void take_keys(const ColumnChunk& chunk, std::size_t first, std::size_t count);
  template <typename T, typename KeyOf>
  void take(const ColumnChunk& chunk, std::size_t first, KeyOf key_of);
  void take_texts(const ColumnChunk& chunk, std::size_t first);
  void take_documents(const ColumnChunk& chunk, std::size_t first, std::size_t count);
  void spill_run();
  [[nodiscard]] bool read_run();
  void write_dictionary(IndexOutputFile& out, std::uint32_t ordinal);
  void write_documents(IndexOutputFile& out, std::uint32_t ordinal, std::uint64_t rows);
  void add_bounds(std::uint64_t row, std::vector<std::uint64_t>& bounds) const;
  void write_values(IndexOutputFile& out, std::uint32_t ordinal, std::uint64_t rows,
                    IndexCollector* collector);

  catalog::Column column_;
  IndexColumnEntry entry_{};
  IndexSpill spill_;
  std::unique_ptr<IndexDictionary> dictionary_;
  std::vector<std::uint32_t> rank_;  // from dictionary id to code
  std::unique_ptr<IndexSpill> documents_;
  std::uint64_t document_bytes_ = 0;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint8_t> nulls_;  // while they are taken one for each key; read back, empty where none is
  std::vector<std::byte> narrow_;    // a run of keys as narrow as it is stored
  std::uint64_t previous_key_ = 0;
  bool previous_null_ = false;
  bool has_previous_ = false;
  std::uint64_t least_ = ~0ULL;
  std::uint64_t greatest_ = 0;
  std::uint64_t null_count_ = 0;
  std::uint64_t valid_count_ = 0;
  bool overflown_ = false;
};

}  // namespace offloader::engine
