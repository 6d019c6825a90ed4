#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The dialect of a snapshot's CSV files, from the manifest's `csv` block (manifest.md). The defaults follow
// RFC 4180.
namespace offloader::manifest {

enum class CsvEncoding { utf8, latin1, windows1252, utf16, utf16le, utf16be };

struct CsvDialect {
  char delimiter = ',';
  char quote = '"';   // '\0': fields are never quoted
  char escape = '"';  // escapes a quote inside quotes; if equal to `quote`, quotes are doubled
  CsvEncoding encoding = CsvEncoding::utf8;
  std::vector<std::string> nulls{""};  // unquoted texts that mean NULL
  bool header = true;                  // false: columns come in the order of the manifest's schema
  char decimal = '.';
  std::string date_format;       // a TimeFormat pattern; empty: ISO 8601
  std::string timestamp_format;  // the same

  friend bool operator==(const CsvDialect&, const CsvDialect&) = default;
};

// Parses utf-8, latin-1 (or iso-8859-1), windows-1252 (or cp1252), utf-16, utf-16le or utf-16be, in any case.
// Returns nullopt for any other name.
[[nodiscard]] std::optional<CsvEncoding> parse_csv_encoding(std::string_view name);
[[nodiscard]] std::string_view name_of(CsvEncoding encoding);

// Parses a delimiter: a tab (also written `\t`), or one of , ; | : ! # $ % & * / < = > ? @ ^ _ ` ~. Returns
// nullopt for anything else; letters, digits, quotes, brackets and the signs of numbers could be part of a
// field.
[[nodiscard]] std::optional<char> parse_csv_delimiter(std::string_view text);

inline constexpr std::string_view kCsvEncodings =
    "utf-8, latin-1, windows-1252, utf-16, utf-16le and utf-16be";

}  // namespace offloader::manifest
