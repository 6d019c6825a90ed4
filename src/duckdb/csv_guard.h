#pragma once

#include <cstdint>

#include "offloader/manifest/csv_dialect.h"

namespace offloader::duckdb {

// The longest and widest line that is read. DuckDB stores an error for each surplus field, outside of its
// memory limit, and a compressed file of a few kilobytes may contain a line of a gigabyte.
inline constexpr std::uint64_t kMaxCsvLine = 2'000'000;  // bytes
inline constexpr std::uint64_t kMaxCsvColumns = 4096;

// Checks a CSV file's bytes on their way to DuckDB and stops input that DuckDB must not see. Where quotes are
// escaped by doubling, it checks several gigabytes per second, which is little beside the parser. One thread
// at a time. It never fails: problems are verdicts.
class CsvGuard {
 public:
  enum class Verdict {
    good,
    too_long,         // a line of more than kMaxCsvLine bytes
    too_wide,         // a line of more fields than Limits::columns (or than 64, if that is more)
    quoted_line_end,  // a line end inside quotes, and they are not allowed
    uneven_lines,     // lines that end in LF and lines that end in CRLF
    malformed,        // text after a closing quote, or a quote that is never closed
  };
  struct Limits {
    std::uint64_t columns = kMaxCsvColumns;
    // Must be false for DuckDB's parallel reader: it starts in the middle of the file, where a line end is
    // surely the end of a row only if no line end is inside quotes.
    bool quoted_line_ends = true;
  };

  CsvGuard(const manifest::CsvDialect& dialect, Limits limits);

  // Checks the next bytes. Returns the verdict on the file so far; once not good, it stays.
  [[nodiscard]] Verdict scan(const char* bytes, std::uint64_t length);
  [[nodiscard]] Verdict finish();  // after the last bytes

  // The number of non-empty lines so far, including the header.
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

  // Checks a block of 64 bytes at once. Returns false, without any change, if the block must be checked byte
  // by byte.
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
  bool doubled_;  // quotes are escaped by doubling, or there are none

  Verdict verdict_ = Verdict::good;
  State state_ = State::field_start;
  Ends ends_ = Ends::unknown;
  bool begun_ = false;
  std::uint64_t line_bytes_ = 0;  // in the current line
  std::uint64_t delimiters_ = 0;  // in the current line
  std::int64_t records_ = 0;
};

}  // namespace offloader::duckdb
