#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "csv_guard.h"
#include "csv_input.h"
#include "offloader/base/result.h"
#include "offloader/manifest/csv_dialect.h"

namespace offloader::duckdb {

struct CsvField {
  std::string text;
  bool quoted = false;
};

// One row. Reusing it reuses its memory.
struct CsvRecord {
  std::vector<CsvField> fields;
  std::size_t count = 0;  // `fields` beyond it are of earlier rows
  std::int64_t line = 0;  // on which it begins, 1-based
};

// Reads a CSV file row by row, as DuckDB does, and reports the line and the cause of what it cannot parse.
// Slower than DuckDB: it is used for headers, for drafts of schemas, and to find out what is wrong with a
// file that DuckDB rejected. One thread at a time.
class CsvReader {
 public:
  // Both arguments must outlive it.
  CsvReader(ByteInput& input, const manifest::CsvDialect& dialect);

  // Reads the next row; returns false after the last one. Skips empty lines, except in a file of one column.
  // Errors: `rejected` (the message has the line and the cause, the detail says what to do), and those of the
  // input.
  [[nodiscard]] Result<bool> next(CsvRecord& record);

  // Whether a row so far had a line end inside quotes; whether lines so far ended in both LF and CRLF.
  [[nodiscard]] bool quoted_line_ends() const { return quoted_line_ends_; }
  [[nodiscard]] bool uneven_lines() const { return uneven_lines_; }
  // The line of the next byte, 1-based.
  [[nodiscard]] std::int64_t line() const { return line_; }

 private:
  enum class Ends : std::uint8_t { unknown, lf, crlf, cr };

  [[nodiscard]] Result<bool> fill();  // false at the end
  [[nodiscard]] Result<bool> read_field(CsvRecord& record, bool& line_ended);
  [[nodiscard]] Result<void> end_line(Ends kind);
  [[nodiscard]] tl::unexpected<Error> refuse(std::int64_t line, std::string message, std::string hint) const;
  [[nodiscard]] Result<void> count_byte(char c);
  [[nodiscard]] tl::unexpected<Error> behind_quote(const std::string& text) const;
  [[nodiscard]] Result<void> check_text(const CsvRecord& record) const;

  ByteInput& input_;
  const manifest::CsvDialect& dialect_;
  std::vector<char> bytes_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  bool begun_ = false;
  Ends ends_ = Ends::unknown;
  bool quoted_line_ends_ = false;
  bool uneven_lines_ = false;
  std::int64_t line_ = 1;        // of the next byte
  std::int64_t quote_line_ = 0;  // of the opening quote
  std::uint64_t record_bytes_ = 0;
  std::size_t columns_ = 0;  // of the first row
};

// Returns `text` for a message: control characters escaped, cut after 40 characters.
[[nodiscard]] std::string shown_value(std::string_view text);

}  // namespace offloader::duckdb
