#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/catalog/catalog.h"
#include "offloader/duckdb/instance.h"
#include "offloader/duckdb/thread_budget.h"
#include "offloader/executor/materialize.h"
#include "offloader/object_store/object_store.h"

namespace offloader::duckdb {

struct FileSource;

// How the data files of one snapshot are read.
struct FileAccess {
  std::shared_ptr<object_store::ObjectStore> store;  // null: no remote file can be read
  std::shared_ptr<InterruptWatch> watch;             // null: no wait for a store can be interrupted
  ThreadBudget* helpers = nullptr;            // the threads that may open files side by side; null: none
  std::chrono::milliseconds deadline{30000};  // of each read
  std::uint64_t least_rate = 0;               // bytes a second that a long read may be as slow as beyond it
  const CancelFlag* cancel = nullptr;         // ends the calls below; may be null
  executor::SourceWaits* opening = nullptr;   // told of each file that has been opened; may be null
  std::shared_ptr<executor::SourceWaits> reading{};  // told of waits for what is read later; may be null
};

// The data files of one build or one remote_scan snapshot: pinned as they are when they are opened, and read
// by an instance that can name nothing else (security.md, 7). Used by one thread; what an instance was given
// stays with it.
class SourceFiles {
 public:
  // `source` outlives it. Looks at sizes and tags of all files, side by side. `rejected` with findings for a
  // size that is not the declared one and for an address that the policy forbids, else why a file cannot be
  // read.
  [[nodiscard]] static tl::expected<SourceFiles, executor::Refused> open(const executor::Source& source,
                                                                         FileAccess access);
  SourceFiles(SourceFiles&&) noexcept;
  SourceFiles& operator=(SourceFiles&&) = delete;
  ~SourceFiles();

  // Whether some of them are read over a network.
  [[nodiscard]] bool any_remote() const;
  // Over the sizes and tags of the files. The same on every replica where stores have tags.
  [[nodiscard]] std::string fingerprint() const;
  // Lets an instance that is opened with these options read the files.
  void expose_to(InstanceOptions& options) const;

  enum class Use { load, scan };
  // Looks at headers and footers and checks columns and types, all findings at once; then for a load the
  // checksums of local Parquet pages, for a scan the bounds of dates. Before what follows.
  [[nodiscard]] tl::expected<void, executor::Refused> inspect(Connection& connection,
                                                              const catalog::Dataset& dataset, Use use);
  // What the files have and nothing declares.
  [[nodiscard]] const catalog::Findings& warnings() const;
  // SELECT … UNION ALL SELECT …, the contract's columns in its order.
  [[nodiscard]] std::string select(Use use) const;

  // Runs `read`, which reads the files through the connection and returns their rows, in the fastest way that
  // is right for them (csv_load.h). Errors: a refusal with its findings, or the machinery's without.
  [[nodiscard]] tl::expected<std::int64_t, executor::Refused> read(
      Connection& connection, const std::function<Result<std::int64_t>()>& read);
  // The rows of all files, held against what the manifest says of each and of all.
  [[nodiscard]] tl::expected<std::int64_t, executor::Refused> count(Connection& connection);
  // Holds the rows that were read against the manifest.
  [[nodiscard]] tl::expected<void, executor::Refused> check_counts(Connection& connection,
                                                                   std::int64_t rows) const;

 private:
  struct Opened;
  explicit SourceFiles(std::unique_ptr<Opened> opened);
  [[nodiscard]] std::function<bool()> interrupted() const;

  std::unique_ptr<Opened> opened_;
};

// The manifest's type of each of the contract's columns.
[[nodiscard]] std::vector<catalog::ColumnType> declared_types(const catalog::Dataset& dataset,
                                                              const manifest::Manifest& manifest);

}  // namespace offloader::duckdb
