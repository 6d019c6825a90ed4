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

// Writes one column of an index. The final width of a value depends on the whole column, so values wait in a
// spill file, each chunk as narrow as its own range allows. Owned by Writer. One thread. Spill failures stick
// and show in spill_error().
class ColumnWriter {
 public:
  static constexpr std::size_t kMaxRun = rows::kBatchRows;

  ColumnWriter(catalog::Column column, const std::filesystem::path& spill_folder);

  // Appends `count` values, at most kMaxRun. Requires: they are of the column's type.
  void append(const rows::Column& values, std::size_t count);

  // Compares the values at i-1 and i of the last appended chunk, nulls last: negative, 0 or positive. For
  // i = 0 the former is the last value of the previous chunk, and the result is negative if there is none.
  [[nodiscard]] int compare_with_previous(std::size_t i) const;

  // Whether the format can hold the column. It cannot if its name has more than 63 bytes, if it has too many
  // distinct strings, if its values span the whole 64-bit range and some are null, or if it is a DECIMAL and
  // a value has more than 64 bits.
  [[nodiscard]] bool storable() const;

  // Appends the column's sections to `out`. `collector`, if not null, takes the stored keys and appends its
  // own sections. Requires: storable(), and called once. Check spill_error() afterwards.
  void finish(OutputFile& out, std::uint32_t ordinal, std::uint64_t rows, Collector* collector);

  // Complete after finish().
  [[nodiscard]] const ColumnEntry& entry() const { return entry_; }
  [[nodiscard]] const std::string& name() const { return column_.name; }
  // An errno; 0: none.
  [[nodiscard]] int spill_error() const {
    if (spill_.error() != 0 || documents_ == nullptr) return spill_.error();
    return documents_->error();
  }

 private:
  void take_keys(const rows::Column& values, std::size_t count);
  template <typename T, typename KeyOf>
  void take(const rows::Column& column, KeyOf key_of);
  template <typename T, typename TextOf>
  void take_texts(const rows::Column& values, TextOf text_of);
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
  std::vector<std::uint8_t> nulls_;  // one per key; empty in a chunk that was read back and has no null
  std::vector<std::byte> narrow_;    // the keys of a chunk in their stored width
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
