#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collectors.h"
#include "dictionary.h"
#include "offloader/catalog/column.h"
#include "offloader/rows/batch.h"
#include "output_file.h"
#include "spill.h"

namespace offloader::index {

// One column of an index under construction. Its values wait in a spill, each run of rows as narrow as its
// own range, until the whole range is known. One thread.
class ColumnWriter {
 public:
  static constexpr std::size_t kMaxRun = rows::kBatchRows;

  ColumnWriter(catalog::Column column, const std::filesystem::path& spill_folder);

  // The next `count` values.
  void append(const rows::Column& values, std::size_t count);

  // Orders the values at i-1 and i of the last appended run, nulls last; i = 0 compares with the run before
  // it.
  [[nodiscard]] int compare_with_previous(std::size_t i) const;

  // Whether the format can hold the column; else it is left out: both ends of the 64-bit range beside nulls,
  // or too many strings.
  [[nodiscard]] bool storable() const;

  // Appends the column's sections. `collector`, if any, sees the keys as they are stored and appends its own.
  void finish(OutputFile& out, std::uint32_t ordinal, std::uint64_t rows, Collector* collector);

  [[nodiscard]] const ColumnEntry& entry() const { return entry_; }
  [[nodiscard]] const std::string& name() const { return column_.name; }
  [[nodiscard]] int spill_error() const { return spill_.error(); }

 private:
  void take_keys(const rows::Column& values, std::size_t count);
  template <typename T, typename KeyOf>
  void take(const rows::Column& column, KeyOf key_of);
  void take_texts(const rows::Column& values);
  void take_documents(const rows::Column& values, std::size_t count);
  void spill_run();
  [[nodiscard]] bool read_run();
  void write_dictionary(OutputFile& out, std::uint32_t ordinal);
  void write_documents(OutputFile& out, std::uint32_t ordinal, std::uint64_t rows);
  void add_bounds(std::uint64_t row, std::vector<std::uint64_t>& bounds) const;
  void write_values(OutputFile& out, std::uint32_t ordinal, std::uint64_t rows, Collector* collector);

  catalog::Column column_;
  ColumnEntry entry_{};
  Spill spill_;
  std::unique_ptr<DictionaryBuilder> dictionary_;
  std::vector<std::uint32_t> rank_;  // from dictionary id to code
  std::unique_ptr<Spill> documents_;
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

}  // namespace offloader::index
