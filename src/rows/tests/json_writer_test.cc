#include "offloader/rows/json_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "batch_of.h"
#include "offloader/base/decimal.h"
#include "offloader/rows/format.h"

namespace offloader::rows {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;

std::string written(const query::Plan& plan, const std::vector<Batch>& batches) {
  JsonWriter writer;
  EXPECT_TRUE(writer.begin(Columns(plan)));
  for (const Batch& batch : batches) EXPECT_TRUE(writer.write(batch));
  EXPECT_TRUE(writer.finish());
  return writer.take().text;
}

// Writes `values` as the only column, "v".
std::string written(Column values, std::size_t rows, catalog::SizedType type,
                    std::optional<Aggregate> aggregate = std::nullopt) {
  const query::Plan plan = plan_of({{"v", 0, type, aggregate}});
  EXPECT_EQ(Columns(plan).kind(0), values.kind);
  return written(plan, {{.columns = {&values, 1}, .rows = rows}});
}

TEST(JsonWriter, Finish_NoRows_WritesAnEmptyArray) {
  EXPECT_EQ(written(plan_of({column("a", ColumnType::bigint)}), {}), "[]");
}

TEST(JsonWriter, Take_Totals_AreAnObjectUntilTheNextBegin) {
  const query::Plan plan = plan_of({column("a", ColumnType::bigint)});
  const std::array<std::int64_t, 1> numbers{31};
  const std::array columns{Column{.kind = Kind::int64, .values = numbers.data()}};
  JsonWriter writer;
  const auto write = [&](Writer& to) {
    return to.begin(Columns(plan)) && to.write({.columns = columns, .rows = 1}) && to.finish();
  };
  ASSERT_TRUE(write(writer) && write(writer.totals()));
  const Page page = writer.take();
  EXPECT_EQ(page.text, R"([{"a":31}])");
  EXPECT_EQ(page.totals, R"({"a":31})");
  ASSERT_TRUE(write(writer));
  EXPECT_EQ(writer.take().totals, "");
}

TEST(JsonWriter, Write_SeveralBatches_MakesOneArray) {
  const query::Plan plan = plan_of({column("a", ColumnType::bigint), column("b\"", ColumnType::boolean)});
  const std::array<std::int64_t, 2> numbers{1, -2};
  const std::array<bool, 2> flags{true, false};
  const std::array columns{Column{.kind = Kind::int64, .values = numbers.data()},
                           Column{.kind = Kind::boolean, .values = flags.data()}};
  EXPECT_EQ(written(plan, {{.columns = columns, .rows = 2}, {.columns = columns, .rows = 1}}),
            R"([{"a":1,"b\"":true},{"a":-2,"b\"":false},{"a":1,"b\"":true}])");
}

TEST(JsonWriter, Write_ColumnNameOfAnyLength_IsComplete) {
  for (const std::size_t length : {1U, 28U, 29U, 30U, 31U, 63U}) {
    const std::string name(length, 'n');
    const query::Plan plan = plan_of({column(name, ColumnType::bigint), column(name, ColumnType::bigint)});
    const std::int64_t number = 7;
    const std::array columns{Column{.kind = Kind::int64, .values = &number},
                             Column{.kind = Kind::int64, .values = &number}};
    EXPECT_EQ(written(plan, {{.columns = columns, .rows = 1}}), "[{\"" + name + "\":7,\"" + name + "\":7}]");
  }
}

TEST(JsonWriter, Write_OtherColumnsOfTheSameShape_UsesTheirNames) {
  query::Plan plan = plan_of({column("a", ColumnType::bigint), column("b", ColumnType::bigint)});
  const std::int64_t number = 7;
  const Column values{.kind = Kind::int64, .values = &number};
  plan.columns = {0};
  EXPECT_EQ(written(plan, {{.columns = {&values, 1}, .rows = 1}}), R"([{"a":7}])");
  plan.columns = {1};
  EXPECT_EQ(written(plan, {{.columns = {&values, 1}, .rows = 1}}), R"([{"b":7}])");
}

TEST(JsonWriter, Write_NullValue_WritesNull) {
  const std::array<std::int64_t, 66> numbers{};
  const std::array<std::uint64_t, 2> validity{~0ULL, 1};
  const Column values{.kind = Kind::int64, .values = numbers.data(), .validity = validity.data()};
  const std::string text = written(values, 66, ColumnType::bigint);
  EXPECT_TRUE(text.ends_with(R"({"v":0},{"v":0},{"v":null}])")) << text;
}

TEST(JsonWriter, Write_ExtremeIntegers_KeepsAllDigits) {
  const std::array<std::int32_t, 2> narrow{INT32_MIN, INT32_MAX};
  EXPECT_EQ(written({.kind = Kind::int32, .values = narrow.data()}, 2, ColumnType::integer),
            R"([{"v":-2147483648},{"v":2147483647}])");
  const std::array<std::int64_t, 2> numbers{INT64_MIN, INT64_MAX};
  EXPECT_EQ(written({.kind = Kind::int64, .values = numbers.data()}, 2, ColumnType::bigint),
            R"([{"v":-9223372036854775808},{"v":9223372036854775807}])");
  // 2^63 and -2^63 - 1, as two words each, the low one first.
  const std::array<std::uint64_t, 4> wide{1ULL << 63, 0, ~(1ULL << 63), ~0ULL};
  EXPECT_EQ(written({.kind = Kind::int128, .values = wide.data()}, 2, ColumnType::bigint, Aggregate::sum),
            R"([{"v":9223372036854775808},{"v":-9223372036854775809}])");
}

TEST(JsonWriter, Write_Decimals_HaveExactlyTheDigitsOfTheirScale) {
  const std::array<Wide, 4> values{Wide::of(1250), Wide::of(-5), Wide::of(0), Wide::of(power_of_ten(38) - 1)};
  EXPECT_EQ(
      written({.kind = Kind::decimal, .values = values.data(), .scale = 2}, 4, catalog::decimal_type(38, 2)),
      R"([{"v":12.50},{"v":-0.05},{"v":0.00},{"v":999999999999999999999999999999999999.99}])");
  EXPECT_EQ(written({.kind = Kind::decimal, .values = values.data(), .scale = 0}, 1,
                    catalog::decimal_type(12, 2), Aggregate::sum),
            R"([{"v":1250}])");
}

TEST(JsonWriter, Write_NumbersAsText_AreStringsAndNullStaysNull) {
  query::Projection count = column("n", ColumnType::bigint);
  count.as_text = true;
  query::Projection paid = column("p", catalog::decimal_type(12, 2));
  paid.as_text = true;
  const query::Plan plan = plan_of({count, paid, column("m", ColumnType::bigint)});
  const std::int64_t numbers[] = {9007199254740993, 0};
  const Wide amounts[] = {Wide::of(-1250), Wide::of(0)};
  const std::uint64_t first_only = 1;
  const Column columns[] = {{.kind = Kind::int64, .values = numbers, .validity = &first_only},
                            {.kind = Kind::decimal, .values = amounts, .scale = 2},
                            {.kind = Kind::int64, .values = numbers}};
  JsonWriter writer;
  ASSERT_TRUE(writer.begin(Columns(plan)));
  ASSERT_TRUE(writer.write({.columns = columns, .rows = 2}));
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(writer.take().text,
            R"([{"n":"9007199254740993","p":"-12.50","m":9007199254740993},{"n":null,"p":"0.00","m":0}])");
}

TEST(JsonWriter, Write_UuidsAndInstants_HaveTheirForms) {
  const std::array<Wide, 2> uuids{Wide{0xa456426614174000, 0x123e4567e89b12d3}, Wide{~0ULL, ~0ULL}};
  EXPECT_EQ(written({.kind = Kind::uuid, .values = uuids.data()}, 2, ColumnType::uuid),
            R"([{"v":"123e4567-e89b-12d3-a456-426614174000"},{"v":"ffffffff-ffff-ffff-ffff-ffffffffffff"}])");
  const std::array<std::int64_t, 2> micros{0, -500'000};
  EXPECT_EQ(written({.kind = Kind::timestamptz, .values = micros.data()}, 2, ColumnType::timestamptz),
            R"([{"v":"1970-01-01T00:00:00Z"},{"v":"1969-12-31T23:59:59.5Z"}])");
}

TEST(CheckSums, Sum_OfMoreThan38Digits_Fails) {
  for (const catalog::SizedType type :
       {catalog::SizedType(ColumnType::bigint), catalog::decimal_type(12, 2)}) {
    const query::Plan plan = plan_of({{"v", 0, type, Aggregate::sum}});
    const auto checked = [&](Int128 sum) {
      const Wide value = Wide::of(sum);
      const Column column{.kind = Columns(plan).kind(0), .values = &value};
      return check_sums(Columns(plan), {.columns = {&column, 1}, .rows = 1});
    };
    EXPECT_TRUE(checked(power_of_ten(38) - 1));
    EXPECT_TRUE(checked(1 - power_of_ten(38)));
    for (const Int128 sum : {power_of_ten(38), -power_of_ten(38)}) {
      const auto done = checked(sum);
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().code, ErrorCode::internal);
    }
  }
}

TEST(JsonWriter, Write_Doubles_UsesTheShortestFormAndNullForNan) {
  const std::array<double, 4> numbers{0.1, -0.0, 1e20, std::nan("")};
  EXPECT_EQ(written({.kind = Kind::float64, .values = numbers.data()}, 4, ColumnType::float64),
            R"([{"v":0.1},{"v":-0.0},{"v":1e+20},{"v":null}])");
}

TEST(JsonWriter, Write_DatesInAndOutOfTheDayCache_AreTheSame) {
  // The first and the third day share an entry of the cache. The last two do not fit into it.
  const std::array<std::int32_t, 6> days{0, 0, 512, 0, 3'000'000, -800'000};
  EXPECT_EQ(written({.kind = Kind::date, .values = days.data()}, 6, ColumnType::date),
            R"([{"v":"1970-01-01"},{"v":"1970-01-01"},{"v":"1971-05-28"},{"v":"1970-01-01"},)"
            R"({"v":"+10183-09-21"},{"v":"-0221-09-04"}])");
}

TEST(JsonWriter, Write_Timestamps_OmitsTheZone) {
  const std::array<std::int64_t, 2> micros{0, 1'500'000};
  EXPECT_EQ(written({.kind = Kind::timestamp, .values = micros.data()}, 2, ColumnType::timestamp),
            R"([{"v":"1970-01-01T00:00:00"},{"v":"1970-01-01T00:00:01.5"}])");
}

TEST(JsonWriter, Write_Texts_EscapesThem) {
  const std::array<std::string_view, 3> texts{"plain", "a\"\\\n\x01", "ü"};
  EXPECT_EQ(written({.kind = Kind::text, .values = texts.data()}, 3, ColumnType::varchar),
            R"([{"v":"plain"},{"v":"a\"\\\n\u0001"},{"v":"ü"}])");
}

TEST(JsonWriter, Write_JsonDocuments_CopiesThem) {
  const std::array<std::string_view, 1> documents{R"({"a": [1]})"};
  EXPECT_EQ(written({.kind = Kind::json, .values = documents.data()}, 1, ColumnType::json),
            R"([{"v":{"a": [1]}}])");
}

TEST(JsonWriter, Write_DictionaryCodes_CopiesTheEscapedTexts) {
  const std::array<std::uint32_t, 3> offsets{0, 1, 4};
  const PackedTexts escaped{.offsets = reinterpret_cast<const std::byte*>(offsets.data()),
                            .bytes = "a\\\"b",
                            .byte_count = 4,
                            .count = 2};
  const Dictionary dictionary{.texts = {}, .escaped = escaped};
  const std::array<std::uint32_t, 3> codes{1, 0, 9};
  EXPECT_EQ(written({.kind = Kind::text, .values = codes.data(), .dictionary = &dictionary}, 3,
                    ColumnType::varchar),
            R"([{"v":"\"b"},{"v":"a"},{"v":""}])")
      << "a code past the dictionary comes from damage and must not leave it";
}

TEST(JsonWriter, Begin_AfterWrite_DiscardsWhatWasWritten) {
  const query::Plan plan = plan_of({column("a", ColumnType::bigint)});
  const std::int64_t number = 7;
  const Column values{.kind = Kind::int64, .values = &number};
  JsonWriter writer;
  ASSERT_TRUE(writer.begin(Columns(plan)));
  ASSERT_TRUE(writer.write({.columns = {&values, 1}, .rows = 1}));
  ASSERT_TRUE(writer.begin(Columns(plan)));
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(writer.take().text, "[]");
}

TEST(JsonWriter, Begin_SecondWriterOnTheSameThread_DoesNotMix) {
  const query::Plan plan = plan_of({column("a", ColumnType::bigint)});
  const std::int64_t number = 7;
  const Column values{.kind = Kind::int64, .values = &number};
  JsonWriter outer;
  ASSERT_TRUE(outer.begin(Columns(plan)));
  ASSERT_TRUE(outer.write({.columns = {&values, 1}, .rows = 1}));
  EXPECT_EQ(written(plan_of({column("b", ColumnType::bigint)}), {}), "[]");
  ASSERT_TRUE(outer.write({.columns = {&values, 1}, .rows = 1}));
  ASSERT_TRUE(outer.finish());
  EXPECT_EQ(outer.take().text, R"([{"a":7},{"a":7}])");
}

TEST(JsonWriter, Drain_Lines_EndsWithinAnObject) {
  const std::array<std::int64_t, 2> numbers{1, 2};
  const Column values{.kind = Kind::int64, .values = numbers.data()};
  const query::Plan plan = plan_of({column("a", ColumnType::bigint)});
  JsonWriter writer(nullptr, JsonWriter::Layout::lines);
  ASSERT_TRUE(writer.begin(Columns(plan)));
  EXPECT_EQ(*writer.drain(), "");
  ASSERT_TRUE(writer.write({.columns = {&values, 1}, .rows = 2}));
  EXPECT_EQ(*writer.drain(), "{\"a\":1}\n{\"a\":2");
  ASSERT_TRUE(writer.write({.columns = {&values, 1}, .rows = 1}));
  EXPECT_EQ(*writer.drain(), "}\n{\"a\":1");
  ASSERT_TRUE(writer.finish());
  EXPECT_EQ(writer.take().text, "}\n");
}

TEST(Format, Numbers_NeverChange) {
  EXPECT_EQ(static_cast<int>(Format::json), 1);
  EXPECT_EQ(static_cast<int>(Format::ndjson), 2);
  EXPECT_EQ(static_cast<int>(Format::csv), 3);
  EXPECT_EQ(static_cast<int>(Format::arrow), 4);
  EXPECT_EQ(static_cast<int>(Format::parquet), 5);
}

}  // namespace
}  // namespace offloader::rows
