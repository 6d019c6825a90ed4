#include "offloader/rows/csv_writer.h"

#include <gtest/gtest.h>

#include <array>

#include "batch_of.h"
#include "offloader/base/decimal.h"
#include "offloader/rows/format.h"

namespace offloader::rows {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;

std::string written(const query::Plan& plan, const std::vector<Batch>& batches, bool guard = false) {
  CsvWriter writer(nullptr, guard);
  EXPECT_TRUE(writer.begin(Columns(plan)));
  for (const Batch& batch : batches) EXPECT_TRUE(writer.write(batch));
  EXPECT_TRUE(writer.finish());
  return writer.take().text;
}

// Writes `values` as the only column, "v".
std::string written(Column values, std::size_t rows, catalog::SizedType type, bool guard = false) {
  const query::Plan plan = plan_of({column("v", type)});
  return written(plan, {{.columns = {&values, 1}, .rows = rows}}, guard);
}

TEST(CsvWriter, Finish_NoRows_WritesTheHeader) {
  const query::Plan plan = plan_of({column("a", ColumnType::bigint), column("b,\"c", ColumnType::date)});
  EXPECT_EQ(written(plan, {}), "a,\"b,\"\"c\"\r\n");
}

TEST(CsvWriter, Write_Texts_AreQuotedWhereTheyMust) {
  const std::array<std::string_view, 8> texts{"plain", "",     "a,b",      "say \"hi\"",
                                              "\"",    "a\nb", "a\r\nb\"", " é\t"};
  const Column column{.kind = Kind::text, .values = texts.data()};
  EXPECT_EQ(written(column, texts.size(), ColumnType::varchar),
            "v\r\nplain\r\n\"\"\r\n\"a,b\"\r\n\"say "
            "\"\"hi\"\"\"\r\n\"\"\"\"\r\n\"a\nb\"\r\n\"a\r\nb\"\"\"\r\n é\t\r\n");
}

TEST(CsvWriter, Write_Null_IsEmptyAndNoText) {
  const std::array<std::int64_t, 3> numbers{1, 2, 3};
  const std::array<std::string_view, 3> texts{"a", "b", ""};
  constexpr std::uint64_t kSecondIsNull = 0b101;
  const std::array columns{Column{.kind = Kind::int64, .values = numbers.data(), .validity = &kSecondIsNull},
                           Column{.kind = Kind::text, .values = texts.data(), .validity = &kSecondIsNull}};
  const query::Plan plan = plan_of({column("n", ColumnType::bigint), column("t", ColumnType::varchar)});
  EXPECT_EQ(written(plan, {{.columns = columns, .rows = 3}}), "n,t\r\n1,a\r\n,\r\n3,\"\"\r\n");
}

TEST(CsvWriter, Write_OtherTypes_HaveTheirTextInJson) {
  const std::array<bool, 1> flags{true};
  const std::array<double, 1> doubles{-1.5};
  const std::array<Wide, 1> decimals{Wide::of(-1250)};
  const std::array<Wide, 1> sums{Wide::of(power_of_ten(37))};
  const std::array<std::int32_t, 1> days{20'484};
  const std::array<std::int64_t, 1> instants{1'769'860'799'500'000};
  const std::array<Wide, 1> uuids{Wide{0x1122334455667788, 0x99aabbccddeeff00}};
  const std::array<std::string_view, 1> documents{R"({"a":[1,"x"]})"};
  const std::array columns{Column{.kind = Kind::boolean, .values = flags.data()},
                           Column{.kind = Kind::float64, .values = doubles.data()},
                           Column{.kind = Kind::decimal, .values = decimals.data(), .scale = 2},
                           Column{.kind = Kind::int128, .values = sums.data()},
                           Column{.kind = Kind::date, .values = days.data()},
                           Column{.kind = Kind::timestamp, .values = instants.data()},
                           Column{.kind = Kind::timestamptz, .values = instants.data()},
                           Column{.kind = Kind::uuid, .values = uuids.data()},
                           Column{.kind = Kind::json, .values = documents.data()}};
  const query::Plan plan = plan_of({column("a", ColumnType::boolean),
                                    column("b", ColumnType::float64),
                                    column("c", catalog::decimal_type(9, 2)),
                                    {"d", 0, ColumnType::bigint, Aggregate::sum},
                                    column("e", ColumnType::date),
                                    column("f", ColumnType::timestamp),
                                    column("g", ColumnType::timestamptz),
                                    column("h", ColumnType::uuid),
                                    column("i", ColumnType::json)});
  EXPECT_EQ(written(plan, {{.columns = columns, .rows = 1}}),
            "a,b,c,d,e,f,g,h,i\r\n"
            "true,-1.5,-12.50,10000000000000000000000000000000000000,2026-01-31,2026-01-31T11:59:59.5,"
            "2026-01-31T11:59:59.5Z,99aabbcc-ddee-ff00-1122-334455667788,\"{\"\"a\"\":[1,\"\"x\"\"]}\"\r\n");
}

TEST(CsvWriter, Write_Guarded_TextsThatASpreadsheetWouldRunFollowAnApostrophe) {
  const std::array<std::string_view, 7> texts{"=1+1", "+1", "-1", "@a", "\tx", "\r=\"", "a=1"};
  const Column column{.kind = Kind::text, .values = texts.data()};
  EXPECT_EQ(written(column, texts.size(), ColumnType::varchar, true),
            "v\r\n'=1+1\r\n'+1\r\n'-1\r\n'@a\r\n'\tx\r\n\"'\r=\"\"\"\r\na=1\r\n");
  const std::array<std::int64_t, 1> numbers{-1};
  EXPECT_EQ(written({.kind = Kind::int64, .values = numbers.data()}, 1, ColumnType::bigint, true),
            "v\r\n-1\r\n")
      << "numbers are no texts";
}

TEST(CsvWriter, Drain_DuringAndAfter_GivesEachPieceOnce) {
  const query::Plan plan = plan_of({column("a", ColumnType::bigint)});
  const std::array<std::int64_t, 1> numbers{31};
  const Column column{.kind = Kind::int64, .values = numbers.data()};
  CsvWriter writer(nullptr, false);
  ASSERT_TRUE(writer.begin(Columns(plan)));
  EXPECT_EQ(*writer.drain(), "a\r\n");
  EXPECT_EQ(*writer.drain(), "");
  ASSERT_TRUE(writer.write({.columns = {&column, 1}, .rows = 1}));
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(*writer.drain(), "31\r\n");
  EXPECT_EQ(*writer.drain(), "");
}

TEST(NdjsonWriter, Write_Rows_AreALineEach) {
  const query::Plan plan = plan_of({column("a", ColumnType::bigint)});
  const std::array<std::int64_t, 2> numbers{31, -5};
  const std::array columns{Column{.kind = Kind::int64, .values = numbers.data()}};
  const auto writer = *TextWriters().make(Format::ndjson, {});
  ASSERT_TRUE(writer->begin(Columns(plan)));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(writer->take().text, "");
  ASSERT_TRUE(writer->begin(Columns(plan)));
  ASSERT_TRUE(writer->write({.columns = columns, .rows = 2}));
  ASSERT_TRUE(writer->write({.columns = columns, .rows = 1}));
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(writer->take().text, "{\"a\":31}\n{\"a\":-5}\n{\"a\":31}\n");
}

}  // namespace
}  // namespace offloader::rows
