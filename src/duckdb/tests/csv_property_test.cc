#include <gmock/gmock.h>

#include <cstdlib>
#include <random>

#include "csv_load.h"
#include "csv_source.h"
#include "data_folder.h"
#include "offloader/base/utf8.h"

namespace offloader::duckdb {
namespace {

using Row = std::vector<std::string>;  // NULL is "-", text follows a "="

// The simplest reader of RFC 4180 as manifest.md defines it. Returns nullopt for a file that must be
// rejected.
std::optional<std::vector<Row>> reference(std::string_view text, std::size_t columns) {
  std::vector<Row> rows;
  char ends = '\0';  // how lines end: r for a lone CR, n for LF or CRLF
  for (std::size_t at = 0; at < text.size();) {
    Row row;
    bool blank = false;
    for (bool line_ended = false; !line_ended;) {
      std::size_t begin = at;
      while (begin < text.size() && text[begin] == ' ') ++begin;
      std::string value;
      const bool quoted = begin < text.size() && text[begin] == '"';
      if (quoted) {
        for (at = begin + 1;; ++at) {
          if (at >= text.size()) return std::nullopt;
          if (text[at] != '"') {
            value += text[at];
          } else if (at + 1 < text.size() && text[at + 1] == '"') {
            value += text[at++];
          } else {
            break;
          }
        }
        for (++at; at < text.size() && text[at] == ' ';) ++at;
        if (at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r') return std::nullopt;
      } else {
        while (at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r')
          value += text[at++];
      }
      if (!is_utf8(value)) return std::nullopt;
      blank = row.empty() && value.empty() && !quoted;
      row.push_back(value.empty() && !quoted ? "-" : "=" + value);
      if (at >= text.size()) break;
      if (text[at++] == ',') continue;
      line_ended = true;
      const bool lone = text[at - 1] == '\r' && (at >= text.size() || text[at] != '\n');
      if (text[at - 1] == '\r' && !lone) ++at;
      if (ends == '\0') ends = lone ? 'r' : 'n';
      if ((ends == 'r') != lone) return std::nullopt;
    }
    if (blank && row.size() == 1) continue;
    // Empty fields after the last column are ignored.
    while (row.size() > columns && row.back() == "-") row.pop_back();
    if (row.size() != columns) return std::nullopt;
    rows.push_back(std::move(row));
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

std::string random_csv(std::mt19937& random) {
  std::string end = random() % 3 == 0 ? "\r\n" : "\n";
  const bool multi_line = random() % 2 == 0;
  const bool mixed_ends = random() % 6 == 0;
  const bool empty_fields_behind = random() % 6 == 0;
  std::string text = "a,b,c" + end;
  const auto rows = random() % 60;
  for (std::size_t i = 0; i < rows; ++i) {
    for (int field = 0; field < 3; ++field) {
      if (field > 0) text += ',';
      switch (random() % 6) {
        case 0:
          text += std::to_string(random());
          break;
        case 1:
          text += "\"say \"\"hi\"\", you\"";
          break;
        case 2:
          text += multi_line ? "\"1,2,3" + end + "4,5,6\nx\"" : "\"one\"";
          break;
        case 3:
          text += "\"\"";
          break;
        case 4:
          break;
        default:
          text += "caf\xc3\xa9";
      }
    }
    if (empty_fields_behind && random() % 3 == 0) text += ",,";
    if (mixed_ends) end = random() % 2 == 0 ? "\r\n" : "\n";
    text += end;
  }
  return text;
}

void mutate(std::string& text, std::mt19937& random) {
  constexpr std::string_view kBytes = "\"\"\",,\n\n\r \\;x\xff\xc3\x80";
  for (auto count = random() % 4; count > 0 && text.size() > 8; --count) {
    const auto at = 6 + random() % (text.size() - 6);
    switch (random() % 3) {
      case 0:
        text[at] = kBytes[random() % kBytes.size()];
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      default:
        text.insert(at, 1, kBytes[random() % kBytes.size()]);
    }
  }
}

class CsvProperties : public DataFolder {};

// DuckDB reads each file in parallel, in many small parts. It must return the rows of the reference, or
// reject what the reference rejects, with a reason.
TEST_F(CsvProperties, ParallelRead_MutatedFiles_ReturnsTheRowsOfTheReference) {
  constexpr int kFiles = 40;
  const char* const given = std::getenv("OFFLOADER_CSV_SEED");
  const auto seed =
      given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 20260101;
  SCOPED_TRACE("OFFLOADER_CSV_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<std::string> texts;
  std::vector<manifest::ResolvedFile> files;
  for (int i = 0; i < kFiles; ++i) {
    texts.push_back(random_csv(random));
    if (i % 4 != 0) mutate(texts.back(), random);
    files.push_back(write("f" + std::to_string(i) + ".csv", texts.back()));
  }
  int sound = 0;
  int refused = 0;
  for (int i = 0; i < kFiles; i += 40) {
    const std::vector<manifest::ResolvedFile> some(files.begin() + i, files.begin() + i + 40);
    // Each file has its own CsvFiles, because what one file needs applies to all of them.
    for (std::size_t at = 0; at < some.size(); ++at) {
      const auto& text = texts[static_cast<std::size_t>(i) + at];
      const auto csv = CsvFiles::of(nullptr, {some[at]}, {}, nullptr);
      csv->expect_columns(csv->files()[0].location, 3);
      InstanceOptions options;
      options.threads = 4;
      options.csv = csv;
      const auto database = open_instance(options);
      ASSERT_TRUE(database) << database.error().detail;
      auto connection = Connection::open(*database);
      ASSERT_TRUE(connection);
      FileSource source;
      SourceGroup group;
      group.csv = csv.get();
      group.csv_columns = 3;
      group.files = {&csv->files()[0]};
      source.groups = {group};
      std::vector<Row> rows;
      const auto read = read_with_csv(*csv, source, *connection, {}, [&]() -> Result<std::int64_t> {
        auto sql = reader_of(group);
        // Use parts of a few hundred bytes instead of megabytes.
        const auto sizes = sql.find("max_line_size");
        sql.replace(sizes, sql.find(", parallel", sizes) - sizes, "max_line_size=200, buffer_size=400");
        auto found = connection->rows(
            "SELECT coalesce('=' || hex(c0), '-'), coalesce('=' || hex(c1), '-'), "
            "coalesce('=' || hex(c2), '-') FROM " +
            sql);
        if (!found) return fail(std::move(found.error()));
        rows = std::move(*found);
        return static_cast<std::int64_t>(rows.size());
      });
      auto expected = reference(text, 3);
      if (!read) {
        ++refused;
        ASSERT_FALSE(read.error().findings.empty()) << text;
        // A file that the reference accepts must not be rejected.
        if (expected) {
          ADD_FAILURE() << "refused: " << to_text(read.error().findings) << read.error().error.detail << "\n"
                        << ::testing::PrintToString(text);
        }
        continue;
      }
      ++sound;
      ASSERT_TRUE(expected) << "read: " << ::testing::PrintToString(text);
      for (Row& row : *expected) {
        for (std::string& value : row) {
          if (value == "-") continue;
          std::string hex = "=";
          for (const char c : value.substr(1)) {
            constexpr const char* kDigits = "0123456789ABCDEF";
            hex += kDigits[static_cast<unsigned char>(c) >> 4];
            hex += kDigits[static_cast<unsigned char>(c) & 15];
          }
          value = hex;
        }
      }
      ASSERT_EQ(rows, *expected) << ::testing::PrintToString(text);
    }
  }
  EXPECT_GT(sound, 10);
  EXPECT_GT(refused, 5);
}

// Simulates that a parallel read misses a row, or rejects a valid file.
TEST_F(CsvProperties, Load_MissingRowOrUnexplainedError_RepeatsWithOneThread) {
  for (const bool refused : {false, true}) {
    const auto csv = CsvFiles::of(nullptr, {write("f.csv", "a\n1\n2\n")}, {}, nullptr);
    csv->expect_columns(csv->files()[0].location, 1);
    InstanceOptions options;
    options.csv = csv;
    const auto database = open_instance(options);
    ASSERT_TRUE(database) << database.error().detail;
    auto connection = Connection::open(*database);
    ASSERT_TRUE(connection);
    SourceGroup group;
    group.csv = csv.get();
    group.csv_columns = 1;
    group.files = {&csv->files()[0]};
    FileSource source;
    source.groups = {group};
    int reads = 0;
    const auto rows = read_with_csv(*csv, source, *connection, {}, [&]() -> Result<std::int64_t> {
      auto found = connection->rows("SELECT c0 FROM " + reader_of(group));
      if (!found) return fail(std::move(found.error()));
      const bool first = reads++ == 0;
      if (first && refused) return fail(ErrorCode::internal, "The engine failed.", "without a reason");
      return static_cast<std::int64_t>(found->size()) - (first ? 1 : 0);
    });
    ASSERT_TRUE(rows) << to_text(rows.error().findings);
    EXPECT_EQ(*rows, 2);
    EXPECT_EQ(reads, 2);
    EXPECT_TRUE(csv->reading().alone);
  }
}

}  // namespace
}  // namespace offloader::duckdb
