#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/duckdb/thread_budget.h"
#include "offloader/executor/materialize.h"
#include "offloader/manifest/manifest.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/url_policy.h"
#include "page_map_cache.h"

namespace offloader::duckdb {

// Which URLs a manifest may name, and how to cancel waits for their stores.
struct RemoteAccess {
  object_store::UrlPolicy policy;
  const CancelFlag* cancel = nullptr;
  executor::SourceWaits* waits = nullptr;  // notified of each opened file; may be null
};

// How the pages of a file are checked before DuckDB decodes them (parquet_pages.h).
enum class PageChecks : std::uint8_t {
  none,        // a CSV file, which has none
  in_advance,  // a local Parquet file: by check_pages() (parquet_local_pages.h)
  on_arrival,  // a remote Parquet file: by PinnedFiles::read()
  impossible,  // a remote file with a malformed footer: check_pages() rejects it, if DuckDB does not
};

// One data file, pinned to its state at opening. DuckDB knows it only by `path`, a name of our own. So no URL
// appears in SQL or in DuckDB's errors (a signed one is a credential), and no character of a key acts as a
// pattern.
struct PinnedFile {
  std::string path;  // `pinned://{n}`, with an ending for the format and compression
  object_store::ObjectInfo object;
  bool local = false;
  PageChecks checks = PageChecks::impossible;
  std::uint64_t footer = 0;       // bytes of the footer of a remote Parquet file; 0: malformed
  std::uint64_t tail_offset = 0;  // offset of `tail` in the file
  std::string tail;               // the end of a remote Parquet file, mostly with its footer; empty: not kept

  // Fails with `corrupt` if these bytes are not all in the file, which means that its metadata is wrong.
  [[nodiscard]] Result<void> holds(std::uint64_t offset, std::uint64_t length) const;
};

// The data files of one build or of one remote_scan snapshot, the only ones that its DuckDB instance can open
// (security.md, 7). Their sizes and tags are read once. Every later read is conditional on the tag, so a file
// that changes under its name is an error, never a mix of old and new (object-stores.md). Parquet footers are
// fetched once, in parallel, and kept: up to 16 MiB each and 128 MiB together. Their page maps are bounded
// too; a footer is read again when a check needs a map that was dropped. Thread-safe; what it shows never
// changes.
class PinnedFiles {
 public:
  // How the files will be read.
  struct Use {
    std::chrono::milliseconds deadline{30000};  // of each read
    // Bytes per second. A read gets its length / least_rate more time than `deadline`; 0: none.
    std::uint64_t least_rate = 0;
    bool local = false;                              // pin local files too
    ThreadBudget* helpers = nullptr;                 // threads that may open files in parallel; null: none
    std::shared_ptr<executor::SourceWaits> waits{};  // notified when data of reads arrives; may be null
    // The most memory that the ends and the page maps of all remote files take, in bytes.
    std::uint64_t tail_bytes = 128 << 20;
    std::uint64_t map_bytes = 64 << 20;
  };

  // Opens the files. Errors: `rejected` with findings, for a size other than declared, an address that the
  // policy forbids, a Content-Encoding, or a remote Parquet file with a footer over kLongestFooter or an
  // invalid VARIANT schema; otherwise the reason why a file cannot be read. `store` may be null if no file is
  // remote. Opening a local file follows no symbolic link.
  [[nodiscard]] static tl::expected<std::shared_ptr<const PinnedFiles>, executor::Refused> open(
      std::shared_ptr<object_store::ObjectStore> store, const std::vector<manifest::ResolvedFile>& files,
      const RemoteAccess& access, const Use& use);

  // The files, with the locations to give to DuckDB.
  [[nodiscard]] const std::vector<manifest::ResolvedFile>& files() const { return resolved_; }
  [[nodiscard]] const std::vector<PinnedFile>& pinned() const { return pinned_; }
  [[nodiscard]] bool empty() const { return pinned_.empty(); }
  // Whether any file is read over a network.
  [[nodiscard]] bool any_remote() const {
    return std::ranges::any_of(pinned_, [](const PinnedFile& file) { return !file.local; });
  }

  // Returns the file with this path, or null.
  [[nodiscard]] const PinnedFile* find(std::string_view path) const;

  // Reads exactly `length` bytes from `offset`. A long read is split into several parallel requests. Column
  // chunks of remote Parquet files that begin within the read are checked; if it does not have all of one,
  // the rest is read for the check alone. Errors: those of ObjectStore::read(); `corrupt` for a damaged page,
  // for bytes outside of the file, and for bytes before a malformed footer.
  [[nodiscard]] Result<void> read(const PinnedFile& file, std::uint64_t offset, char* buffer,
                                  std::uint64_t length, const CancelFlag* cancel) const;

  // A digest of the sizes and tags of the files in the manifest's order, 32 hexadecimal digits. The same on
  // every replica if the stores have tags.
  [[nodiscard]] std::string fingerprint() const;

 private:
  explicit PinnedFiles(const Use& use) : use_(use), maps_(use.map_bytes) {}
  // Each of these reads part of the state of one file. Returns nullopt if that succeeds.
  [[nodiscard]] std::optional<executor::Refused> pin(PinnedFile& file, const manifest::DataFile& declared,
                                                     const CancelFlag* cancel);
  [[nodiscard]] std::optional<executor::Refused> pin_tail(PinnedFile& file,
                                                          const manifest::DataFile& declared,
                                                          const CancelFlag* cancel);
  [[nodiscard]] std::optional<executor::Refused> pin_pages(PinnedFile& file,
                                                           const manifest::DataFile& declared,
                                                           const CancelFlag* cancel);

  // Returns the file's page map, or null if its footer is malformed. Errors: those of fetch().
  [[nodiscard]] Result<PageMapCache::Map> parse_footer(const PinnedFile& file,
                                                       const CancelFlag* cancel) const;
  // Reads bytes without checks.
  [[nodiscard]] Result<void> fetch(const PinnedFile& file, std::uint64_t offset, char* buffer,
                                   std::uint64_t length, const CancelFlag* cancel) const;
  [[nodiscard]] Result<void> check(const PinnedFile& file, std::uint64_t offset, std::string_view bytes,
                                   const CancelFlag* cancel) const;

  std::shared_ptr<object_store::ObjectStore> store_;
  object_store::UrlPolicy policy_;
  const Use use_;
  std::vector<manifest::ResolvedFile> resolved_;
  std::vector<PinnedFile> pinned_;
  mutable PageMapCache maps_;                                 // by index into `pinned_`
  std::unordered_map<std::string_view, std::size_t> places_;  // index into `pinned_`, by path
};

}  // namespace offloader::duckdb
