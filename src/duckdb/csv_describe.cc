#include "csv_describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "csv_source.h"
#include "offloader/base/ascii.h"
#include "offloader/base/identifier.h"
#include "offloader/manifest/column_match.h"
#include "text_functions.h"

namespace offloader::duckdb {
namespace {

namespace fs = std::filesystem;
using catalog::ColumnType;

// Removes -?(0|[1-9][0-9]*) from the front; returns false if it is not there. 007 does not match as a whole:
// it is an identifier.
bool take_whole(std::string_view& text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || !ascii::is_digit(text[0])) return false;
  if (text[0] == '0') return text.remove_prefix(1), true;
  while (!text.empty() && ascii::is_digit(text[0])) text.remove_prefix(1);
  return true;
}

bool take_digits(std::string_view& text) {
  if (text.empty() || !ascii::is_digit(text[0])) return false;
  while (!text.empty() && ascii::is_digit(text[0])) text.remove_prefix(1);
  return true;
}

bool has_shape_of_number(std::string_view text, char decimal) {
  if (!take_whole(text)) return false;
  // Whole numbers are left to BIGINT. Those beyond 64 bits are numbers of cards and accounts, whose digits a
  // DOUBLE would lose.
  bool whole = true;
  if (text.starts_with(decimal)) {
    text.remove_prefix(1);
    whole = false;
    if (!take_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    whole = false;
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  return text.empty() && !whole;
}

// Whether a timestamp ends with Z or an offset from UTC.
bool has_offset(std::string_view text) {
  if (text.ends_with('Z') || text.ends_with('z')) return true;
  // The date has hyphens too.
  constexpr std::size_t kDate = 10;
  return text.size() > kDate && text.find_first_of("+-", kDate) != std::string_view::npos;
}

// Whether people would read the text as a value of the type. Checked before the parser, which accepts more.
//
// No candidate is a DECIMAL: the values of one file do not tell how many digits the next one has, and a draft
// that rejects the next file is worse than a DOUBLE. The contract declares money.
bool has_shape_of(ColumnType type, std::string_view text, const manifest::CsvDialect& dialect) {
  switch (type) {
    case ColumnType::bigint:
      return take_whole(text) && text.empty();
    case ColumnType::float64:
      // Whole numbers fit too if they fit BIGINT.
      return has_shape_of_number(text, dialect.decimal) ||
             (has_shape_of(ColumnType::bigint, text, dialect) &&
              text_fit(ColumnType::bigint, text, dialect) == TextFit::fits);
    case ColumnType::timestamptz:
      return has_offset(text);
    case ColumnType::json: {
      const auto first = text.find_first_not_of(" \t\r\n");
      return first != std::string_view::npos && (text[first] == '[' || text[first] == '{');
    }
    default:
      return true;
  }
}

// The candidate types of a column, narrowest first.
constexpr std::array<ColumnType, 8> kCandidates = {
    ColumnType::boolean,     ColumnType::bigint,    ColumnType::float64, ColumnType::date,
    ColumnType::timestamptz, ColumnType::timestamp, ColumnType::uuid,    ColumnType::json};

// What is known of one column so far.
struct Drafted {
  catalog::Column column;
  bool declared = false;  // the contract declares the column and its type
  bool misfit = false;    // a value that does not fit has been reported
  bool secret = false;
  std::array<bool, kCandidates.size()> possible{true, true, true, true, true, true, true, true};
  bool empty_text = false;
  std::int64_t values = 0;

  void see(const CsvField& field, const manifest::CsvDialect& dialect) {
    if (field.text.empty()) {
      empty_text = true;
      return;
    }
    ++values;
    for (std::size_t i = 0; i < kCandidates.size(); ++i) {
      possible[i] = possible[i] && has_shape_of(kCandidates[i], field.text, dialect) &&
                    text_fit(kCandidates[i], field.text, dialect) == TextFit::fits;
    }
  }

  [[nodiscard]] catalog::SizedType type() const {
    if (declared) return column.type;
    if (values == 0) return ColumnType::varchar;
    for (std::size_t i = 0; i < kCandidates.size(); ++i) {
      if (possible[i] && !(empty_text && kCandidates[i] == ColumnType::json)) return kCandidates[i];
    }
    return ColumnType::varchar;
  }
};

// Returns a valid column name close to `text`; empty if it has no letter or digit.
std::string column_name_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char low = ascii::to_lower(c);
    if (ascii::is_alnum(low)) {
      out += low;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out.substr(0, 60);
}

Error told(const fs::path& path, const catalog::Finding& finding) {
  return {ErrorCode::rejected,
          fmt::format("{}: {}{}{}", path.string(), finding.message, finding.hint.empty() ? "" : "\n  ",
                      finding.hint),
          {}};
}

// Returns the columns of the header. Those that the contract declares get its names; others keep their name
// if it is valid, or get one close to it.
Result<std::vector<Drafted>> draft_columns(const fs::path& path, const CsvRecord& first,
                                           const DescribeOptions& options, FileDescription& out) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < first.count; ++i) {
    names.push_back(options.dialect.header ? first.fields[i].text : fmt::format("column{}", i + 1));
  }
  std::vector<Drafted> drafted(names.size());
  std::set<std::string> taken;
  if (options.contract != nullptr) {
    const auto& schema = options.contract->schema;
    for (std::size_t i = 0; i < schema.size(); ++i) {
      manifest::ColumnMatch match;
      if (options.dialect.header) {
        match = manifest::match_column(names, schema[i].name_in_files());
      } else if (i < names.size()) {
        match.index = i;
      }
      if (!match.index) {
        out.findings.push_back(csv_finding(
            path.string(),
            match.ambiguous
                ? fmt::format("The header contains the column {} more than once.", schema[i].name_in_files())
                : fmt::format("The file has no column {}, which the contract declares.", schema[i].name),
            match.ambiguous ? "" : "Add it to the export, or set `from` to its name in the files.",
            schema[i].name));
        continue;
      }
      Drafted& column = drafted[*match.index];
      column.column = {schema[i].name, schema[i].type, {}};
      column.declared = true;
      column.secret = options.contract->tenant_column == i;
      taken.insert(schema[i].name);
    }
  }
  std::set<std::string> in_header;
  for (std::size_t i = 0; i < names.size(); ++i) {
    // Names that differ only in case are duplicates.
    const std::string low = ascii::to_lower(names[i]);
    if (!low.empty() && !in_header.insert(low).second) {
      return fail(
          told(path, csv_finding({},
                                 fmt::format("Line 1: the header contains the column {} more than once.",
                                             shown_value(names[i])),
                                 "Give each column a unique name.")));
    }
    if (drafted[i].declared) continue;
    if (is_column_name(names[i]) && taken.insert(names[i]).second) {
      drafted[i].column.name = names[i];
      continue;
    }
    std::string name = column_name_of(names[i]);
    if (name.empty()) {
      out.ignored.push_back(fmt::format("field {} of the header: its name is empty", i + 1));
      continue;
    }
    const std::string stem = name;
    for (int n = 2; !taken.insert(name).second || std::ranges::find(names, name) != names.end(); ++n)
      name = fmt::format("{}_{}", stem, n);
    out.renamed.push_back(
        fmt::format("column \"{}\" is renamed to {} (see `from`)", shown_value(names[i]), name));
    drafted[i].column.name = name;
    drafted[i].column.from = names[i];
  }
  return drafted;
}

}  // namespace

Result<FileDescription> describe_csv(const fs::path& path, const fs::path& real,
                                     const DescribeOptions& options) {
  auto opened = open_local_input(real);
  if (!opened) return fail(std::move(opened.error()));
  const auto& dialect = options.dialect;
  const auto input =
      decoded(decompressed(std::move(*opened), compression_of(path.filename().string())), dialect.encoding);
  CsvReader reader(*input, dialect);
  CsvRecord record;
  const auto next = [&]() -> Result<bool> {
    auto read = reader.next(record);
    if (!read && read.error().code == ErrorCode::rejected)
      return fail(told(path, csv_finding({}, read.error())));
    return read;
  };
  auto read = next();
  if (!read) return fail(std::move(read.error()));
  if (!*read) {
    return fail(told(path, csv_finding({}, "The file is empty and has no header.",
                                       "Write a header even if there are no rows.")));
  }
  if (auto other = other_delimiter(record, dialect, path.string())) return fail(told(path, *other));
  FileDescription out;
  auto columns = draft_columns(path, record, options, out);
  if (!columns) return fail(std::move(columns.error()));
  const std::size_t width = record.count;
  while (true) {
    if (dialect.header || out.rows > 0) {
      read = next();
      if (!read) return fail(std::move(read.error()));
      if (!*read) break;
    }
    if (!has_columns(record, width, dialect)) {
      return fail(
          told(path, csv_finding({},
                                 fmt::format("Line {} has {} field{}, but the first line has {}.",
                                             record.line, record.count, record.count == 1 ? "" : "s", width),
                                 "Quote fields that contain a delimiter or a line break.")));
    }
    ++out.rows;
    for (std::size_t i = 0; i < width; ++i) {
      Drafted& column = (*columns)[i];
      const CsvField& field = record.fields[i];
      if (column.misfit || is_null(field, dialect)) continue;
      if (!column.declared) {
        column.see(field, dialect);
      } else if (text_fit(column.column.type, field.text, dialect) != TextFit::fits) {
        column.misfit = true;
        out.findings.push_back(misfit_finding(path.string(),
                                              {column.column.name, i, column.column.type, column.secret},
                                              out.rows, record.line, field.text, dialect));
      } else {
        ++column.values;
      }
    }
  }
  for (Drafted& column : *columns) {
    if (column.column.name.empty()) continue;
    column.column.type = column.type();
    if (column.values == 0 && !column.declared) out.valueless.push_back(column.column.name);
    out.columns.push_back(std::move(column.column));
  }
  return out;
}

}  // namespace offloader::duckdb
