#pragma once

#include <cstdint>

#include "offloader/manifest/csv_dialect.h"

namespace offloader::duckdb {

// The widest line that is read: DuckDB keeps an error of its own for each field too many, outside of its
// memory limit, and a compressed file of a few kilobytes may hold a line of a gigabyte.
inline constexpr std::uint64_t kMaxCsvLine = 2'000'000;  // bytes
inline constexpr std::uint64_t kMaxCsvColumns = 4096;

// Looks at a CSV file's bytes on their way to DuckDB, and stops what must not arrive there. Several gigabytes
// a second where quotes are doubled, so that it costs little beside the parser. One thread at a time.
class CsvGuard {
 public:
  enum class Verdict {
    good,
    too_long,         // a line of more than kMaxCsvLine bytes
    too_wide,         // a line of more fields than allowed
    quoted_line_end,  // and they were not allowed
    uneven_lines,     // LF here and CRLF there
    malformed,        // no CSV: text behind a closing quote, or a quote that is never closed
  };
  struct Limits {
    std::uint64_t columns = kMaxCsvColumns;
    // DuckDB's parallel reader starts in the middle of the file, where the end of a line is the end of a row
    // for certain only if none stands in quotes.
    bool quoted_line_ends = true;
  };

  CsvGuard(const manifest::CsvDialect& dialect, Limits limits);

  // The next bytes. What is not good stays so.
  [[nodiscard]] Verdict scan(const char* bytes, std::uint64_t length);
  [[nodiscard]] Verdict finish();  // after the last of them

  // Lines that are not empty, so far.
  [[nodiscard]] std::int64_t records() const { return records_; }

 private:
  enum class State : std::uint8_t {
    field_start,
    spaces,
    plain,
    quoted,
    escaped,
    after_quote,
    trailing,
    carriage
  };
  enum class Ends : std::uint8_t { unknown, lf, crlf, cr };

  // A block of 64 bytes at once; false when it needs a closer look, and nothing has changed.
  [[nodiscard]] bool scan_block(const char* bytes);
  void scan_bytes(const char* bytes, std::uint64_t length);
  void step(char c);
  void end_line(Ends kind);
  void refuse(Verdict verdict) {
    if (verdict_ == Verdict::good) verdict_ = verdict;
  }

  char delimiter_;
  char quote_;
  char escape_;
  Limits limits_;
  bool doubled_;  // quotes are escaped by doubling them, or there are none

  Verdict verdict_ = Verdict::good;
  State state_ = State::field_start;
  Ends ends_ = Ends::unknown;
  bool begun_ = false;
  std::uint64_t line_bytes_ = 0;  // of the line so far
  std::uint64_t delimiters_ = 0;  // the same
  std::int64_t records_ = 0;
};

}  // namespace offloader::duckdb
