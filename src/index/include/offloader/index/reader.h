#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/index/column.h"
#include "offloader/index/format.h"
#include "offloader/index/mapping_guard.h"
#include "offloader/index/run_directory.h"

namespace offloader::index {

// A mapped, read-only index file (docs/index-format.md). Shared by its users; the mapping lives as long as
// the reader, even after the file is unlinked. Immutable, so any thread may use it. Opening checks the header
// and the bounds of every section and, with Verify::everything, every hash; it then releases the pages, so
// that only what queries touch stays resident. No content of the file can make a read leave the mapping. A
// page that becomes unreadable later sets broken().
class Reader {
 public:
  enum class Verify { structure, everything };

  // Opens and checks a file. column() takes positions in `schema`, the dataset's columns; a column that the
  // index has with another type counts as absent. Blocking: Verify::everything reads the whole file.
  // Errors: `corrupt` if it is damaged or of another version; `not_found`; `busy` if no descriptor or memory
  // is left to open it, so that it may be intact; `unavailable` if it cannot be opened or mapped otherwise.
  [[nodiscard]] static Result<std::shared_ptr<const Reader>> open(const std::filesystem::path& path,
                                                                  std::span<const catalog::Column> schema,
                                                                  Verify verify = Verify::everything);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[nodiscard]] std::uint64_t rows() const { return header_.rows; }
  // The fingerprint of the snapshot that the file was built from.
  [[nodiscard]] std::string_view snapshot() const {
    return {header_.snapshot, ::strnlen(header_.snapshot, sizeof header_.snapshot)};
  }
  // The layout_id() that was requested when the file was built.
  [[nodiscard]] std::uint64_t layout() const { return header_.layout; }
  // Null if the index does not have the column.
  [[nodiscard]] const Column* column(std::size_t schema_position) const {
    return schema_position < by_position_.size() ? by_position_[schema_position] : nullptr;
  }
  // The rows are sorted by these columns, ascending, nulls last.
  [[nodiscard]] std::span<const Column* const> sort_columns() const { return sort_columns_; }
  // Null if the file has no run directory.
  [[nodiscard]] const RunDirectory* runs() const { return runs_.column != nullptr ? &runs_ : nullptr; }
  [[nodiscard]] std::span<const Column> columns() const { return columns_; }
  [[nodiscard]] std::span<const SectionEntry> sections() const { return sections_; }
  [[nodiscard]] const Header& header() const { return header_; }

  // Whether a page could not be read and was replaced by zeros. Check it after using the data: if it is true,
  // discard the result.
  [[nodiscard]] bool broken() const { return guard_.broken(); }
  // The error of rows that were about to be given away then: `unavailable`.
  [[nodiscard]] static Error broken_error();

  // Lets the system drop all resident pages of the mapping; they are read again when needed.
  void release_pages() const;

 private:
  Reader() = default;
  [[nodiscard]] Result<void> map(const std::filesystem::path& path);
  [[nodiscard]] Result<void> read_directory();
  [[nodiscard]] static bool texts_complete(const rows::PackedTexts& texts);
  [[nodiscard]] bool place_section(const SectionEntry& section);
  [[nodiscard]] bool place_runs();
  [[nodiscard]] bool column_complete(const Column& column) const;
  [[nodiscard]] bool hashes_match() const;

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  MappingGuard guard_;
  Header header_{};
  std::vector<Column> columns_;
  std::vector<SectionEntry> sections_;
  std::vector<const Column*> sort_columns_;
  std::vector<const Column*> by_position_;
  RunDirectory runs_;
};

}  // namespace offloader::index
