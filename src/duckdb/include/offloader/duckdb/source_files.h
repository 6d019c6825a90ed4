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

// How to read the data files of one snapshot.
struct FileAccess {
  std::shared_ptr<object_store::ObjectStore> store;  // null: remote files cannot be read
  std::shared_ptr<InterruptWatch> watch;             // null: waits for the store are not interrupted
  ThreadBudget* helpers = nullptr;                   // threads that may open files in parallel; null: none
  std::chrono::milliseconds deadline{30000};         // of each read
  std::uint64_t least_rate = 0;        // bytes per second; a read gets its length / rate more time; 0: none
  const CancelFlag* cancel = nullptr;  // cancels the calls below; may be null
  executor::SourceWaits* opening = nullptr;          // notified of each opened file; may be null
  std::shared_ptr<executor::SourceWaits> reading{};  // notified of waits of later reads; may be null
};

// The data files of one build or of one remote_scan snapshot. They are pinned to their state at opening, and
// the instance that reads them can access no others (security.md, 7). One thread at a time. An instance
// shares ownership of what expose_to() gives it.
class SourceFiles {
 public:
  // Opens the files: reads the sizes and tags of all files, in parallel. `source` must outlive the result.
  // Errors: `rejected` with findings, for a size other than declared, an address that the policy forbids, a
  // Content-Encoding, a Parquet footer over 64 MiB or an invalid VARIANT schema; otherwise the reason why a
  // file cannot be read.
  [[nodiscard]] static tl::expected<SourceFiles, executor::Refused> open(const executor::Source& source,
                                                                         FileAccess access);
  SourceFiles(SourceFiles&&) noexcept;
  SourceFiles& operator=(SourceFiles&&) = delete;
  ~SourceFiles();

  // Whether any file is read over a network.
  [[nodiscard]] bool any_remote() const;
  // A digest of the sizes and tags of the files, 32 hexadecimal digits. The same on every replica if the
  // stores have tags.
  [[nodiscard]] std::string fingerprint() const;
  // Changes the options of an instance to be opened so that it can read the files.
  void expose_to(InstanceOptions& options) const;

  enum class Use { load, scan };
  // Reads headers and footers and checks columns and types; reports all findings at once. Then checks the
  // pages of local Parquet files (parquet_local_pages.h), and for a scan the bounds of dates. Call it before
  // the functions below.
  [[nodiscard]] tl::expected<void, executor::Refused> inspect(Connection& connection,
                                                              const catalog::Dataset& dataset, Use use);
  // Columns that the files contain but nothing declares.
  [[nodiscard]] const catalog::Findings& warnings() const;
  // Returns SELECT … UNION ALL SELECT …, with the contract's columns in their order.
  [[nodiscard]] std::string select(Use use) const;

  // Runs `read` in the fastest way that is correct for the files, and perhaps several times (csv_load.h).
  // `read` reads the files through the connection and returns their number of rows. Errors: rejected with
  // findings, or a failure without any.
  [[nodiscard]] tl::expected<std::int64_t, executor::Refused> read(
      Connection& connection, const std::function<Result<std::int64_t>()>& read);
  // Counts the rows of all files and checks them against the manifest.
  [[nodiscard]] tl::expected<std::int64_t, executor::Refused> count(Connection& connection);
  // Checks the number of rows read against the manifest's, for each CSV file and for all files together.
  [[nodiscard]] tl::expected<void, executor::Refused> check_counts(Connection& connection,
                                                                   std::int64_t rows) const;

 private:
  struct Opened;
  explicit SourceFiles(std::unique_ptr<Opened> opened);
  [[nodiscard]] std::function<bool()> interrupted() const;

  std::unique_ptr<Opened> opened_;
};

// Returns the type that the manifest declares for each of the contract's columns; the contract's type if it
// declares none.
[[nodiscard]] std::vector<catalog::SizedType> declared_types(const catalog::Dataset& dataset,
                                                             const manifest::Manifest& manifest);

}  // namespace offloader::duckdb
