#include "offloader/manifest/csv_dialect.h"

#include <algorithm>
#include <array>

#include "offloader/base/ascii.h"

namespace offloader::manifest {
namespace {

struct Name {
  std::string_view name;
  CsvEncoding encoding;
};
// The first name of each encoding is the canonical one.
constexpr std::array<Name, 11> kNames = {{{"utf-8", CsvEncoding::utf8},
                                          {"utf8", CsvEncoding::utf8},
                                          {"latin-1", CsvEncoding::latin1},
                                          {"latin1", CsvEncoding::latin1},
                                          {"iso-8859-1", CsvEncoding::latin1},
                                          {"windows-1252", CsvEncoding::windows1252},
                                          {"cp1252", CsvEncoding::windows1252},
                                          {"utf-16", CsvEncoding::utf16},
                                          {"utf16", CsvEncoding::utf16},
                                          {"utf-16le", CsvEncoding::utf16le},
                                          {"utf-16be", CsvEncoding::utf16be}}};

}  // namespace

std::optional<CsvEncoding> parse_csv_encoding(std::string_view name) {
  const std::string lower = ascii::to_lower(name);
  const auto found = std::ranges::find(kNames, lower, &Name::name);
  if (found == kNames.end()) return std::nullopt;
  return found->encoding;
}

std::string_view name_of(CsvEncoding encoding) {
  const auto found = std::ranges::find(kNames, encoding, &Name::encoding);
  return found == kNames.end() ? "utf-8" : found->name;
}

std::optional<char> parse_csv_delimiter(std::string_view text) {
  if (text == "\\t" || text == "\t") return '\t';
  constexpr std::string_view kAllowed = ",;|:!#$%&*/<=>?@^_`~";
  if (text.size() == 1 && kAllowed.find(text[0]) != std::string_view::npos) return text[0];
  return std::nullopt;
}

}  // namespace offloader::manifest
