#include "csv_reader.h"

#include <gtest/gtest.h>

#include "csv_files.h"
#include "csv_source.h"
#include "data_folder.h"

namespace offloader::duckdb {
namespace {

// The fields of the first line of a file with one column, as text; NULL is "-", text follows a "=".
struct Reading {
  std::string by_reader;
  std::string by_duckdb;
};

class CsvReaderAndDuckdb : public DataFolder {
 protected:
  CsvReaderAndDuckdb() {
    dialect_.escape = '\\';
    dialect_.nulls = {"\\N", "NA"};
    dialect_.header = false;
  }

  Reading read(const std::string& field) {
    Reading out;
    const auto csv = CsvFiles::of(nullptr, {write("f.csv", field + ",1\n")}, dialect_, nullptr);
    const auto& file = csv->files()[0];
    csv->expect_columns(file.location, 2);
    auto input = csv->input(file.location, {});
    EXPECT_TRUE(input);
    CsvReader reader(**input, dialect_);
    CsvRecord record;
    const auto next = reader.next(record);
    EXPECT_TRUE(next && *next && record.count == 2);
    out.by_reader = is_null(record.fields[0], dialect_) ? "-" : "=" + record.fields[0].text;
    InstanceOptions options;
    options.csv = csv;
    const auto database = open_instance(options);
    EXPECT_TRUE(database) << database.error().detail;
    auto connection = Connection::open(*database);
    EXPECT_TRUE(connection);
    const auto rows =
        connection->rows("SELECT coalesce('=' || c0, '-') FROM " + csv_reader_sql(*csv, {&file}, 2));
    EXPECT_TRUE(rows) << rows.error().detail;
    out.by_duckdb = rows ? rows->at(0).at(0) : "";
    return out;
  }

  manifest::CsvDialect dialect_;
};

TEST_F(CsvReaderAndDuckdb, Field_WithEscapes_HasTheSameValue) {
  const std::pair<std::string, std::string> kFields[] = {
      {R"("say \"hi\"")", R"(=say "hi")"},
      {R"("a\\b")", R"(=a\b)"},
      {R"("a\b\n")", "=abn"},  // an escape is dropped before any character inside quotes
      {R"(a\b)", R"(=a\b)"},   // and is text elsewhere
      {R"(\\N)", R"(=\\N)"},
  };
  for (const auto& [field, value] : kFields) {
    const auto found = read(field);
    EXPECT_EQ(found.by_duckdb, value) << field;
    EXPECT_EQ(found.by_reader, value) << field;
  }
}

TEST_F(CsvReaderAndDuckdb, NullTextWithTheEscape_IsNullOnlyWithoutQuotes) {
  const std::pair<std::string, std::string> kFields[] = {
      {R"(\N)", "-"},        {R"("\\N")", R"(=\N)"}, {R"("\N")", "=N"}, {R"(\NA)", R"(=\NA)"},
      {R"( \N)", R"(= \N)"}, {R"(\)", R"(=\)"},      {"NA", "-"},       {R"("NA")", "=NA"},
  };
  for (const auto& [field, value] : kFields) {
    const auto found = read(field);
    EXPECT_EQ(found.by_duckdb, value) << field;
    EXPECT_EQ(found.by_reader, value) << field;
  }
}

// Reads a few bytes at a time.
class Trickle final : public ByteInput {
 public:
  explicit Trickle(std::string text) : text_(std::move(text)) {}
  Result<std::uint64_t> read(char* buffer, std::uint64_t) override {
    if (at_ == text_.size()) return 0;
    *buffer = text_[at_++];
    return 1;
  }
  void rewind() override { at_ = 0; }
  std::uint64_t size() const override { return text_.size(); }
  std::uint64_t consumed() const override { return at_; }

 private:
  const std::string text_;
  std::size_t at_ = 0;
};

TEST(CsvPlainNulls, Read_AnyPieces_ReplacesUnquotedNullTexts) {
  manifest::CsvDialect dialect;
  dialect.escape = '\\';
  dialect.nulls = {"\\N"};
  const auto input = with_plain_nulls(
      std::make_unique<Trickle>("\xef\xbb\xbf\\N,\"\\\\N\",\"\\\",\\N\"\r\n\\NN,  \"\\N\",\\N\n\\N"),
      dialect);
  for (int i = 0; i < 2; ++i) {
    std::string out;
    char buffer[64];
    while (true) {
      const auto got = input->read(buffer, sizeof buffer);
      ASSERT_TRUE(got);
      if (*got == 0) break;
      out.append(buffer, *got);
    }
    EXPECT_EQ(out, "\xef\xbb\xbf\x01\x01,\"\\\\N\",\"\\\",\\N\"\r\n\\NN,  \"\\N\",\x01\x01\n\x01\x01");
    input->rewind();
  }
}

}  // namespace
}  // namespace offloader::duckdb
