#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/engine/engine.h"
#include "offloader/object_store/object_store.h"
#include "offloader/object_store/url_policy.h"
#include "parquet_pages.h"
#include "thread_budget.h"

namespace offloader::engine {

// One data file as it was when its snapshot was opened. DuckDB knows it by `path` alone: a name of ours, so
// that no URL stands in SQL or in DuckDB's errors (a signed one is a credential) and no character of a key is
// a pattern.
struct PinnedFile {
  std::string path;  // `pinned://{n}` with the ending that tells format and compression
  object_store::ObjectInfo object;
  bool local = false;
  std::uint64_t tail_offset = 0;  // of `tail` in the file
  std::string tail;               // a remote Parquet file's footer and what stands around it; empty: not kept
  PageMap pages;                  // of a remote Parquet file whose footer was kept

  // `corrupt` where these bytes are not all in the file: what the file says of itself is wrong.
  [[nodiscard]] Result<void> holds(std::uint64_t offset, std::uint64_t length) const;
};

// The data files of one build or one remote_scan snapshot, the only ones that its DuckDB instance can name
// (security.md, 7). Their sizes and tags are read once; every later read is guarded by the tag, so that a
// file that changes under its name is an error and never a mixture (object-stores.md). Parquet footers are
// fetched once, side by side, and kept. Immutable; any thread.
class PinnedFiles {
 public:
  // How the files are going to be read.
  struct Use {
    std::chrono::milliseconds deadline{30000};  // of each read
    // Bytes a second that a long read may be as slow as beyond its deadline; 0: no slower than the deadline.
    std::uint64_t least_rate = 0;
    bool local = false;                    // pin local files as well, not only remote ones
    ThreadBudget* helpers = nullptr;       // the threads that may open files side by side; null: none
    std::shared_ptr<SourceWaits> waits{};  // told of what arrives for reads; may be null
  };

  // What opening found: `rejected` with findings for a size that is not the declared one and for an address
  // that the policy forbids, else why a file cannot be read. `store` may be null when no file is remote.
  // Local files are opened without following any symbolic link.
  [[nodiscard]] static tl::expected<std::shared_ptr<const PinnedFiles>, BuildFailure> open(
      std::shared_ptr<object_store::ObjectStore> store, const std::vector<manifest::ResolvedFile>& files,
      const RemoteAccess& access, const Use& use);

  // The files with the locations that DuckDB is to be given.
  [[nodiscard]] const std::vector<manifest::ResolvedFile>& files() const { return resolved_; }
  [[nodiscard]] const std::vector<PinnedFile>& pinned() const { return pinned_; }
  [[nodiscard]] bool empty() const { return pinned_.empty(); }
  // Whether some of them are read over a network.
  [[nodiscard]] bool any_remote() const {
    return std::ranges::any_of(pinned_, [](const PinnedFile& file) { return !file.local; });
  }

  [[nodiscard]] const PinnedFile* find(std::string_view path) const;

  // Exactly `length` bytes from `offset`, which lie inside the file. Long reads are several requests side by
  // side. The pages of columns of Parquet that arrive whole are checked (parquet_pages.h). Errors as
  // ObjectStore::read; `corrupt` for a damaged page.
  [[nodiscard]] Result<void> read(const PinnedFile& file, std::uint64_t offset, char* buffer,
                                  std::uint64_t length, const CancelFlag* cancel) const;

  // Over what the files are: their sizes and tags, in the manifest's order. The same on every replica where
  // stores have tags.
  [[nodiscard]] std::string fingerprint() const;

 private:
  PinnedFiles() = default;
  [[nodiscard]] std::optional<BuildFailure> pin(PinnedFile& file, const manifest::DataFile& declared,
                                                const CancelFlag* cancel) const;
  [[nodiscard]] Result<void> keep_tail(PinnedFile& file, const CancelFlag* cancel) const;

  std::shared_ptr<object_store::ObjectStore> store_;
  object_store::UrlPolicy policy_;
  Use use_;
  std::vector<manifest::ResolvedFile> resolved_;
  std::vector<PinnedFile> pinned_;
};

}  // namespace offloader::engine
