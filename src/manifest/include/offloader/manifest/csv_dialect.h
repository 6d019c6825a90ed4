#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How the CSV files of a snapshot are written: the manifest's `csv` block (manifest.md). What it leaves out
// is RFC 4180's.
namespace offloader::manifest {

enum class CsvEncoding { utf8, latin1, windows1252, utf16, utf16le, utf16be };

struct CsvDialect {
  char delimiter = ',';
  char quote = '"';   // '\0': nothing is quoted
  char escape = '"';  // before a quote inside of quotes; the same as `quote`: quotes are doubled
  CsvEncoding encoding = CsvEncoding::utf8;
  std::vector<std::string> nulls{""};  // what an unquoted field says for NULL
  bool header = true;                  // false: columns in the order of the manifest's schema
  char decimal = '.';
  std::string date_format;       // as TimeFormat has it; empty: ISO 8601
  std::string timestamp_format;  // the same

  friend bool operator==(const CsvDialect&, const CsvDialect&) = default;
};

// utf-8, latin-1 (also iso-8859-1), windows-1252 (also cp1252), utf-16, utf-16le, utf-16be; in any case.
[[nodiscard]] std::optional<CsvEncoding> parse_csv_encoding(std::string_view name);
[[nodiscard]] std::string_view name_of(CsvEncoding encoding);

// One printable ASCII sign that is neither a letter, a digit, a quote nor part of a number, or a tab (also
// written `\t`): what can stand between fields.
[[nodiscard]] std::optional<char> parse_csv_delimiter(std::string_view text);

inline constexpr std::string_view kCsvEncodings =
    "utf-8, latin-1, windows-1252, utf-16, utf-16le and utf-16be";

}  // namespace offloader::manifest
