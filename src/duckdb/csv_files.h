#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "csv_guard.h"
#include "csv_input.h"
#include "offloader/duckdb/interrupt_watch.h"
#include "offloader/executor/source_waits.h"
#include "offloader/manifest/csv_dialect.h"
#include "offloader/manifest/manifest.h"
#include "pinned_files.h"

namespace offloader::duckdb {

class CsvFiles;

struct CsvFile {
  // Under kSeekableScheme; `location` is the pinned name or the local path.
  std::string path;
  std::string location;
  std::atomic<std::uint64_t> columns{kMaxCsvColumns};  // that a line may have
  mutable std::atomic<std::int64_t> rows{-1};  // counted by the guard; -1 until the file is read to its end
};

// A CSV file as DuckDB reads it: decompressed, decoded to UTF-8, and checked by the guard on the way. One
// thread at a time. Errors: `rejected` if the guard stops the file (CsvFiles remembers why), otherwise the
// reason why it cannot be read.
class CsvStream {
 public:
  // Reads up to `length` bytes; fewer only at the end of the file. Returns their number, 0 at the end.
  [[nodiscard]] Result<std::uint64_t> read(char* buffer, std::uint64_t length);
  void seek(std::uint64_t position);  // to 0, or anywhere if seekable(); otherwise has no effect
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t size() const { return input_->size(); }
  [[nodiscard]] std::uint64_t consumed() const { return input_->consumed(); }
  [[nodiscard]] bool seekable() const { return input_->seekable(); }

 private:
  friend class CsvFiles;
  CsvStream(const CsvFiles& files, const CsvFile& file, std::unique_ptr<ByteInput> input, CsvGuard guard)
      : files_(files), file_(file), input_(std::move(input)), fresh_(guard), guard_(guard) {}

  [[nodiscard]] Result<std::uint64_t> fetch(char* buffer, std::uint64_t length);

  const CsvFiles& files_;
  const CsvFile& file_;
  const std::unique_ptr<ByteInput> input_;
  std::string carried_;  // read but not yet returned, because the caller's buffer was too small
  const CsvGuard fresh_;
  CsvGuard guard_;
  std::uint64_t position_ = 0;
  std::uint64_t guarded_ = 0;  // the guard has checked the bytes up to here
};

// The CSV files of one build or of one remote_scan snapshot, under names of our own by which the DuckDB
// instance opens them. Thread-safe.
class CsvFiles {
 public:
  static constexpr std::string_view kSeekableScheme = "csv://";     // followed by {n}.csv
  static constexpr std::string_view kFlowingScheme = "csvflow://";  // the same file, from front to back only

  // How to read the files. The first attempt uses the fastest way; see learn().
  struct Reading {
    bool alone = false;       // one thread per file, from front to back
    bool even_lines = false;  // convert line ends to LF where they are mixed
  };

  // `files` are those of PinnedFiles::files(). `pinned` may be null, or have none of them. `waits` is
  // notified of each wait for a store and may be null. `watch` may be null too; waits cannot be interrupted
  // then.
  [[nodiscard]] static std::shared_ptr<CsvFiles> of(std::shared_ptr<const PinnedFiles> pinned,
                                                    const std::vector<manifest::ResolvedFile>& files,
                                                    manifest::CsvDialect dialect,
                                                    std::shared_ptr<InterruptWatch> watch,
                                                    std::shared_ptr<executor::SourceWaits> waits = nullptr);

  // The files; the location of a CSV file is its name under kSeekableScheme.
  [[nodiscard]] const std::vector<manifest::ResolvedFile>& files() const { return resolved_; }
  [[nodiscard]] const manifest::CsvDialect& dialect() const { return dialect_; }
  // The name under which DuckDB must open the file now: it depends on how the file has to be read.
  [[nodiscard]] std::string path_in_sql(std::string_view path) const;
  // All names that an instance may open.
  [[nodiscard]] std::vector<std::string> paths() const;
  [[nodiscard]] bool empty() const { return files_.empty(); }
  [[nodiscard]] bool holds(std::string_view path) const { return find(path) != nullptr; }

  // Opens a file for DuckDB. Reads fail once `interrupted()` returns true.
  [[nodiscard]] Result<std::unique_ptr<CsvStream>> stream(std::string_view path,
                                                          std::function<bool()> interrupted) const;
  // Opens a file for CsvReader: the same bytes, without the guard and without changed line ends and
  // NULL texts.
  [[nodiscard]] Result<std::unique_ptr<ByteInput>> input(std::string_view path,
                                                         std::function<bool()> interrupted) const;

  // Sets the number of fields that a line of the file may have.
  void expect_columns(std::string_view path, std::size_t columns);
  [[nodiscard]] Reading reading() const;
  // Change how the files are read from now on.
  void read_alone() { alone_.store(true); }
  void make_lines_even() { even_lines_.store(true); }

  // Call it after a failed read. Returns whether the guard saw the reason and the files are read in another
  // way from now on, so that a retry makes sense. Returns true at most twice.
  [[nodiscard]] bool learn();

  // The rows of a file as counted by the guard; -1 until it has been read to its end.
  [[nodiscard]] std::int64_t rows(std::string_view path) const;

 private:
  friend class CsvStream;
  using File = CsvFile;
  [[nodiscard]] const File* find(std::string_view path) const;
  void note(const File& file, CsvGuard::Verdict verdict, std::int64_t records) const;

  std::shared_ptr<const PinnedFiles> pinned_;
  std::shared_ptr<InterruptWatch> watch_;
  std::shared_ptr<executor::SourceWaits> waits_;
  manifest::CsvDialect dialect_;
  std::vector<manifest::ResolvedFile> resolved_;
  std::deque<File> files_;
  std::unordered_map<std::string_view, const File*> places_;  // by path without its scheme
  std::atomic<bool> alone_{false};
  std::atomic<bool> even_lines_{false};
  mutable std::atomic<bool> saw_quoted_line_end_{false};
  mutable std::atomic<bool> saw_uneven_lines_{false};
};

}  // namespace offloader::duckdb
