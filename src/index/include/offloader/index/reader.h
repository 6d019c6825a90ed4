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

// A mapped index file. Immutable; any thread. Opening checks the header, the bounds of every section and,
// with Verify::everything, every hash, after which the pages are given back: what stays resident is what
// queries touch. The mapping lives as long as the reader, also after the file's name is gone. Nothing in the
// file can make a read leave the mapping.
class Reader {
 public:
  enum class Verify { structure, everything };

  // `schema` is the dataset's: its columns are found by position thereafter. One that the index has under
  // another type counts as absent. `corrupt` when the file is damaged or of another version; not_found or
  // unavailable when it cannot be opened.
  [[nodiscard]] static Result<std::shared_ptr<const Reader>> open(const std::filesystem::path& path,
                                                                  std::span<const catalog::Column> schema,
                                                                  Verify verify = Verify::everything);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[nodiscard]] std::uint64_t rows() const { return header_.rows; }
  // The fingerprint of the snapshot that it was built of.
  [[nodiscard]] std::string_view snapshot() const {
    return {header_.snapshot, ::strnlen(header_.snapshot, sizeof header_.snapshot)};
  }
  [[nodiscard]] std::uint64_t layout() const { return header_.layout; }
  // Null when the index does not have it.
  [[nodiscard]] const Column* column(std::size_t schema_position) const {
    return schema_position < by_position_.size() ? by_position_[schema_position] : nullptr;
  }
  [[nodiscard]] std::span<const Column* const> sort_columns() const { return sort_columns_; }
  // Null when the file has none.
  [[nodiscard]] const RunDirectory* runs() const { return runs_.column != nullptr ? &runs_ : nullptr; }
  [[nodiscard]] std::span<const Column> columns() const { return columns_; }
  [[nodiscard]] std::span<const SectionEntry> sections() const { return sections_; }
  [[nodiscard]] const Header& header() const { return header_; }

  // A page could not be read, and stood for zeros: nothing that was answered since it was opened, and had not
  // ended by now, may be used.
  [[nodiscard]] bool broken() const { return guard_.broken(); }

  // Gives all resident pages of the mapping back to the system.
  void release_pages() const;

 private:
  Reader() = default;
  [[nodiscard]] Result<void> map(const std::filesystem::path& path);
  [[nodiscard]] Result<void> read_directory();
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
