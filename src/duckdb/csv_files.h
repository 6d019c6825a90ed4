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
  std::string path;
  std::string location;
  std::atomic<std::uint64_t> columns{kMaxCsvColumns};  // that a line may have
  mutable std::atomic<std::int64_t> rows{-1};
};

// A CSV file as DuckDB is given it: UTF-8, decompressed, and held against the guard while it passes. One
// thread at a time. Errors: `rejected` for what DuckDB must not see (CsvFiles knows more), else why the file
// cannot be read.
class CsvStream {
 public:
  // Between 1 and `length` bytes, as many as there are; 0 at the end.
  [[nodiscard]] Result<std::uint64_t> read(char* buffer, std::uint64_t length);
  void seek(std::uint64_t position);  // when seekable(), or to 0
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
  std::string carried_;  // read and not yet given, because there was too little room
  const CsvGuard fresh_;
  CsvGuard guard_;
  std::uint64_t position_ = 0;
  std::uint64_t guarded_ = 0;  // up to where the guard has seen the bytes
};

// The CSV files of one build or one remote_scan snapshot, under names of ours, by which its DuckDB instance
// opens them. Any thread.
class CsvFiles {
 public:
  static constexpr std::string_view kSeekableScheme = "csv://";     // {n}.csv
  static constexpr std::string_view kFlowingScheme = "csvflow://";  // the same, from front to back only

  // How they are read. The first attempt assumes what is fastest; see learn().
  struct Reading {
    bool alone = false;       // each file by one thread, from front to back
    bool even_lines = false;  // line ends are made alike
  };

  // `files` as PinnedFiles has them; `pinned` may hold none of them. `waits` is told of each wait for a
  // store; it may be null, and so may `watch`: then no wait can be interrupted.
  [[nodiscard]] static std::shared_ptr<CsvFiles> of(std::shared_ptr<const PinnedFiles> pinned,
                                                    const std::vector<manifest::ResolvedFile>& files,
                                                    manifest::CsvDialect dialect,
                                                    std::shared_ptr<InterruptWatch> watch,
                                                    std::shared_ptr<executor::SourceWaits> waits = nullptr);

  // The files, CSV ones with a name of the first scheme as their location.
  [[nodiscard]] const std::vector<manifest::ResolvedFile>& files() const { return resolved_; }
  [[nodiscard]] const manifest::CsvDialect& dialect() const { return dialect_; }
  // What DuckDB is to call a file, as it is to be read now.
  [[nodiscard]] std::string path_in_sql(std::string_view path) const;
  // Every name that an instance may use.
  [[nodiscard]] std::vector<std::string> paths() const;
  [[nodiscard]] bool empty() const { return files_.empty(); }
  [[nodiscard]] bool holds(std::string_view path) const { return find(path) != nullptr; }

  // What DuckDB reads. Reads are interrupted once `interrupted()`.
  [[nodiscard]] Result<std::unique_ptr<CsvStream>> stream(std::string_view path,
                                                          std::function<bool()> interrupted) const;
  // The same bytes without the guard, for CsvReader.
  [[nodiscard]] Result<std::unique_ptr<ByteInput>> input(std::string_view path,
                                                         std::function<bool()> interrupted) const;

  void expect_columns(std::string_view path, std::size_t columns);
  [[nodiscard]] Reading reading() const;
  void read_alone() { alone_.store(true); }
  void make_lines_even() { even_lines_.store(true); }

  // After a read failed: whether it failed for what another way of reading takes into account, which is then
  // the way from now on. At most twice.
  [[nodiscard]] bool learn();

  // The rows of a file as the guard counted them, once it was read to its end; -1 before.
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
