#include <gmock/gmock.h>

#include "local_scene.h"
#include "offloader/duckdb/describe_file.h"

// DECIMAL, TIMESTAMPTZ and UUID from files to answers.
namespace offloader::local_executor {
namespace {

using catalog::Aggregate;
using catalog::ColumnType;
using catalog::decimal_type;
using manifest::FileFormat;
using query::Comparison;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ExactTypesTest : public LocalScene {
 protected:
  ExactTypesTest() {
    dataset_.schema = {
        {"amount", decimal_type(12, 2)}, {"at", ColumnType::timestamptz}, {"id", ColumnType::uuid}};
  }

  std::string draft(const manifest::ResolvedFile& file, const catalog::Dataset* contract = nullptr) {
    const auto found = duckdb::describe_file(root_ / file.declared.path, file.declared.format,
                                             {.dialect = {}, .contract = contract});
    if (!found) return found.error().message;
    std::string out;
    for (const auto& column : found->columns)
      out += (out.empty() ? "" : ", ") + column.name + " " + name_of(column.type);
    for (const auto& ignored : found->ignored) out += " - " + ignored;
    return out;
  }
  // Builds a snapshot of a file with one column, `v`, of this type, and returns its values or the refusal.
  std::string loaded(const catalog::SizedType& type, const manifest::ResolvedFile& file) {
    dataset_.schema = {{"v", type}};
    const auto json = answer({file});
    std::filesystem::remove_all(root_ / "cache/datasets/d");
    std::filesystem::create_directories(root_ / "cache/datasets/d");
    return json;
  }
  std::string loaded(const catalog::SizedType& type, const std::string& value) {
    return loaded(type, parquet("v.parquet", "SELECT " + value + " AS v"));
  }
  // The answer with a condition on column `column`, or with the aggregates of all columns.
  std::string asked(std::size_t column, Comparison comparison, query::Value value) {
    const auto snapshot = attach();
    EXPECT_TRUE(snapshot);
    query::Plan plan = everything();
    auto shape = std::make_shared<query::PlanShape>(*plan.shape);
    shape->id = next_shape();
    shape->conditions = {{column, dataset_.schema[column].type, comparison}};
    plan.shape = shape;
    plan.values = {std::move(value)};
    const auto rows = run(plan, *snapshot);
    return rows ? rows->json : rows.error().detail;
  }
};

TEST_F(ExactTypesTest, Materialize_Csv_HasTheFormsOfJson) {
  const auto file = write("f.csv",
                          "amount,at,id\n"
                          "12.5,2026-01-31T12:00:00Z,123E4567-e89b-12d3-a456-426614174000\n"
                          "-0.05,2026-01-31 12:00:00.25+02:00,FFFFFFFF-ffff-ffff-ffff-ffffffffffff\n"
                          "+9999999999.990,2026-01-31 12:00,00000000-0000-0000-0000-000000000000\n"
                          "\"\",,\n");
  EXPECT_EQ(
      answer({file}),
      R"([{"amount":-0.05,"at":"2026-01-31T10:00:00.25Z","id":"ffffffff-ffff-ffff-ffff-ffffffffffff"},)"
      R"({"amount":12.50,"at":"2026-01-31T12:00:00Z","id":"123e4567-e89b-12d3-a456-426614174000"},)"
      R"({"amount":9999999999.99,"at":"2026-01-31T12:00:00Z","id":"00000000-0000-0000-0000-000000000000"},)"
      R"({"amount":null,"at":null,"id":null}])");
}

TEST_F(ExactTypesTest, Materialize_CsvValueThatDoesNotFit_NamesRowAndColumn) {
  struct Case {
    const char* row;
    const char* says;
    const char* hint;
  };
  for (const Case& c : std::vector<Case>{
           {"12.501,,", "Row 2: value \"12.501\" of amount is not a DECIMAL(12,2).",
            "Values are never rounded"},
           {"10000000000,,", "Row 2: value \"10000000000\" of amount is not a DECIMAL(12,2).",
            "Declare more digits."},
           {"1e3,,", "is not a DECIMAL(12,2)", "Values are never rounded"},
           {"twelve,,", "is not a DECIMAL(12,2)", "Publish numbers"},
           {"\"12,5\",,", "is not a DECIMAL(12,2)", "\"decimal\": \",\""},
           {",yesterday,", "of at is not a TIMESTAMPTZ", "an offset"},
           {",10000-01-01T00:00:00Z,", "of at is not a TIMESTAMPTZ", "an offset"},
           {",,{123e4567-e89b-12d3-a456-426614174000}", "of id is not a UUID", "36 characters"},
       }) {
    const auto findings = refusal({write("f.csv", std::string("amount,at,id\n1,,\n") + c.row + "\n")});
    EXPECT_THAT(findings, AllOf(HasSubstr("f.csv"), HasSubstr(c.says), HasSubstr(c.hint))) << c.row;
  }
}

TEST_F(ExactTypesTest, Materialize_CsvDialect_AppliesToNewTypes) {
  dataset_.schema = {{"amount", decimal_type(12, 2)}, {"at", ColumnType::timestamptz}};
  auto request = this->request({write("f.csv", "amount;at\n-1234,5;31.01.2026 12:00 +0200\n")}, 1);
  request.source.manifest.csv.delimiter = ';';
  request.source.manifest.csv.decimal = ',';
  request.source.manifest.csv.timestamp_format = "%d.%m.%Y %H:%M %z";
  EXPECT_EQ(answer(request.source.files, request.source.manifest),
            R"([{"amount":-1234.50,"at":"2026-01-31T10:00:00Z"}])");
}

TEST_F(ExactTypesTest, Materialize_Parquet_ConvertsExactlyOrRefuses) {
  const auto money = decimal_type(12, 2);
  EXPECT_EQ(loaded(money, "12.5::DECIMAL(4,1)"), R"([{"v":12.50}])");
  EXPECT_EQ(loaded(money, "12.50::DECIMAL(38,10)"), R"([{"v":12.50}])");
  EXPECT_EQ(loaded(money, "-7::BIGINT"), R"([{"v":-7.00}])");
  EXPECT_EQ(loaded(money, "255::UTINYINT"), R"([{"v":255.00}])");
  EXPECT_EQ(loaded(decimal_type(38, 0), "18446744073709551615::UBIGINT"), R"([{"v":18446744073709551615}])");
  EXPECT_THAT(loaded(money, "12.501::DECIMAL(38,10)"),
              HasSubstr("12.5010000000 of v does not fit DECIMAL(12,2) exactly"));
  EXPECT_THAT(loaded(money, "99999999999::BIGINT"), HasSubstr("has more digits than DECIMAL(12,2)"));
  EXPECT_THAT(loaded(money, "10000000000.00::DECIMAL(13,2)"), HasSubstr("does not fit DECIMAL(12,2)"));
  EXPECT_THAT(loaded(money, "1.5::DOUBLE"), HasSubstr("cannot be read as DECIMAL(12,2)"));
  EXPECT_EQ(loaded(ColumnType::bigint, "42::DECIMAL(38,0)"), R"([{"v":42}])");

  const std::string noon = R"([{"v":"2026-01-31T12:00:00Z"}])";
  EXPECT_EQ(loaded(ColumnType::timestamptz, "TIMESTAMPTZ '2026-01-31 14:00:00+02'"), noon);
  EXPECT_EQ(loaded(ColumnType::timestamptz, "TIMESTAMP '2026-01-31 12:00:00'"), noon);
  EXPECT_EQ(loaded(ColumnType::timestamptz, "TIMESTAMP_NS '2026-01-31 12:00:00'"), noon);
  EXPECT_EQ(loaded(ColumnType::timestamptz, "TIMESTAMP_NS '1969-12-31 23:59:59.9999999'"),
            R"([{"v":"1969-12-31T23:59:59.999999Z"}])");
  EXPECT_THAT(loaded(ColumnType::timestamptz, "TIMESTAMPTZ '10001-01-01 00:00:00+00'"),
              HasSubstr("outside the years"));

  const std::string id = R"([{"v":"123e4567-e89b-12d3-a456-426614174000"}])";
  EXPECT_EQ(loaded(ColumnType::uuid, "'123E4567-e89b-12d3-a456-426614174000'::UUID"), id);
  EXPECT_EQ(loaded(ColumnType::uuid, "'123E4567-e89b-12d3-a456-426614174000'"), id);
  EXPECT_EQ(loaded(ColumnType::varchar, "'123E4567-e89b-12d3-a456-426614174000'::UUID"), id);
  EXPECT_THAT(loaded(ColumnType::uuid, "'{123e4567-e89b-12d3-a456-426614174000}'"),
              HasSubstr("is not a UUID"));
  EXPECT_THAT(loaded(ColumnType::uuid, "''"), HasSubstr("is not a UUID"));
  EXPECT_THAT(loaded(ColumnType::uuid, "'0123456789abcdef'::BLOB"), HasSubstr("logical type UUID"));
}

TEST_F(ExactTypesTest, Materialize_NestedValues_HaveTheFormsOfColumns) {
  const auto json = [&](const std::string& value) { return loaded(ColumnType::json, value); };
  EXPECT_EQ(json("{'price': 12.5::DECIMAL(12,2), 'at': TIMESTAMPTZ '2026-01-31 12:00:00+00', 'id': "
                 "'123E4567-e89b-12d3-a456-426614174000'::UUID, 'day': DATE '2026-01-31'}"),
            R"([{"v":{"price":12.50,"at":"2026-01-31T12:00:00Z","id":"123e4567-e89b-12d3-a456-426614174000",)"
            R"("day":"2026-01-31"}}])");
  EXPECT_EQ(json("[{'a b': TIMESTAMP '2026-01-31 12:00:00.25', 'c': NULL::DECIMAL(38,6)}, NULL]"),
            R"([{"v":[{"a b":"2026-01-31T12:00:00.25","c":null},null]}])");
  EXPECT_EQ(json("MAP {'k \"1\"': [1.10::DECIMAL(4,2), NULL], '': []}"),
            R"([{"v":{"k \"1\"":[1.10,null],"":[]}}])");
  EXPECT_EQ(json("MAP {7: TIMESTAMP '2026-01-31 00:00:00'}"), R"([{"v":{"7":"2026-01-31T00:00:00"}}])");
  EXPECT_EQ(
      json("{'d': 1.5::DECIMAL(4,2), 'time': TIME '10:20:30', 'blob': 'a'::BLOB, 'nan': 'nan'::DOUBLE, 'f': "
           "0.1::FLOAT, 'flag': true, 'text': 'é \"'}"),
      R"([{"v":{"d":1.50,"time":"10:20:30","blob":"a","nan":null,"f":0.10000000149011612,"flag":true,)"
      R"("text":"é \""}}])");
}

// Documents with and without decimals write their other values alike.
TEST_F(ExactTypesTest, Materialize_NestedDoubles_AreWrittenAsWithoutDecimals) {
  std::string doubles;
  for (const char* text : {"0.0", "-0.0", "1.0", "0.1", "0.000001", "0.0000015", "1e-7", "1.5e-300",
                           "123456.789", "1e15", "1e16", "1e20", "1e21", "1e22", "1.5e21",
                           "1.7976931348623157e308", "5e-324", "0.30000000000000004", "-1234567.25"})
    doubles += std::string(doubles.empty() ? "" : ", ") + "'" + text + "'::DOUBLE";
  const auto without = loaded(ColumnType::json, "{'n': [" + doubles + "]}");
  auto with = loaded(ColumnType::json, "{'n': [" + doubles + "], 'd': 1::DECIMAL(4,2)}");
  const std::string more = R"(,"d":1.00)";
  ASSERT_NE(with.find(more), std::string::npos) << with;
  EXPECT_EQ(with.erase(with.find(more), more.size()), without);
}

TEST_F(ExactTypesTest, Run_ConditionsOnWidenedDecimals_AreExact) {
  dataset_.schema = {{"amount", decimal_type(6, 2)}, {"n", ColumnType::bigint}};
  const auto file = parquet(
      "f.parquet", "SELECT * FROM (VALUES (1.5::DECIMAL(10,4), 7::DECIMAL(24,2)), (2.25, 8)) t(amount, n)");
  auto request = this->request({file}, 2);
  request.source.manifest.schema = {{"amount", decimal_type(10, 4)}, {"n", decimal_type(24, 2)}};
  ASSERT_TRUE(executor_->materialize(request));
  const std::string first = R"([{"amount":1.5000,"n":7.00}])";
  EXPECT_EQ(asked(0, Comparison::eq, query::Decimal{150, 2}), first);
  EXPECT_EQ(asked(0, Comparison::le, query::Decimal{224, 2}), first);
  EXPECT_EQ(asked(1, Comparison::eq, std::int64_t{7}), first);
  EXPECT_EQ(asked(1, Comparison::ge, std::int64_t{INT64_MAX}), "[]");
}

TEST_F(ExactTypesTest, Run_ConditionsOnEachType_SelectTheRows) {
  const auto file = write("f.csv",
                          "amount,at,id\n1.50,2026-01-31T12:00:00Z,123e4567-e89b-12d3-a456-426614174000\n"
                          "2.50,2026-02-01T12:00:00Z,f23e4567-e89b-12d3-a456-426614174000\n");
  ASSERT_TRUE(executor_->materialize(request({file}, 2)));
  const std::string first =
      R"([{"amount":1.50,"at":"2026-01-31T12:00:00Z","id":"123e4567-e89b-12d3-a456-426614174000"}])";
  EXPECT_EQ(asked(0, Comparison::lt, query::Decimal{250, 2}), first);
  EXPECT_EQ(asked(1, Comparison::lt, query::Timestamp{1'769'904'000'000'000}), first);
  EXPECT_EQ(asked(2, Comparison::eq, Uuid{0x123e4567e89b12d3, 0xa456426614174000}), first);
  EXPECT_EQ(asked(2, Comparison::le, Uuid{0x8000000000000000, 0}), first);
}

TEST_F(ExactTypesTest, Run_SumPast38Digits_IsInternal) {
  dataset_.schema = {{"v", decimal_type(38, 2)}};
  const auto sum = [&](int rows) {
    const auto file = parquet(
        "f.parquet", "SELECT repeat('9', 36)::DECIMAL(38,2) AS v FROM range(" + std::to_string(rows) + ")");
    auto request = this->request({file}, rows);
    request.name = "s" + std::to_string(rows) + ".b1";
    EXPECT_TRUE(executor_->materialize(request));
    const auto snapshot = attach(request.name);
    auto shape = std::make_shared<query::PlanShape>();
    shape->id = next_shape();
    shape->schema = dataset_.schema;
    shape->projections = {{"sum", 0, decimal_type(38, 2), Aggregate::sum},
                          {"mean", 0, decimal_type(38, 2), Aggregate::avg}};
    shape->aggregated = true;
    query::Plan plan;
    plan.shape = shape;
    plan.columns = {0, 1};
    plan.limit = 1;
    const auto rows_of = run(plan, *snapshot);
    return rows_of ? rows_of->json : std::string(name_of(rows_of.error().code));
  };
  EXPECT_EQ(sum(1), R"([{"sum":999999999999999999999999999999999999.00,"mean":1e+36}])");
  EXPECT_EQ(sum(2), "internal");    // 39 digits fit 128 bits
  EXPECT_EQ(sum(200), "internal");  // and these do not
}

TEST_F(ExactTypesTest, Describe_Parquet_DraftsTheTypesOfTheFile) {
  const auto file =
      parquet("f.parquet",
              "SELECT 1.5::DECIMAL(12,2) AS amount, 7::DECIMAL(38,0) AS n, "
              "'99999999999999999999'::DECIMAL(38,0) AS big, TIMESTAMPTZ '2026-01-31 12:00:00+00' AS at, "
              "TIMESTAMP '2026-01-31 12:00:00' AS local, uuid() AS id");
  EXPECT_EQ(draft(file),
            "amount DECIMAL(12,2), n BIGINT, big DECIMAL(38,0), at TIMESTAMPTZ, local TIMESTAMP, id UUID");
  catalog::Dataset contract;
  contract.schema = {{"amount", ColumnType::float64},
                     {"at", ColumnType::timestamp},
                     {"id", ColumnType::varchar},
                     {"n", ColumnType::date}};
  EXPECT_EQ(draft(file, &contract),
            "amount DOUBLE, n BIGINT, big DECIMAL(38,0), at TIMESTAMP, local TIMESTAMP, id VARCHAR");
}

TEST_F(ExactTypesTest, Describe_Csv_DraftsWhatEveryValueShows) {
  const std::string id = "123e4567-e89b-12d3-a456-426614174000";
  EXPECT_EQ(draft(write("a.csv", "amount,at,id\n1.50,2026-01-31T12:00:00Z," + id +
                                     "\n2.25,2026-01-31 12:00:00-05,F23e4567-e89b-12d3-a456-426614174000\n")),
            "amount DOUBLE, at TIMESTAMPTZ, id UUID");
  EXPECT_EQ(draft(write("b.csv", "at,id\n2026-01-31T12:00:00Z," + id + "\n2026-01-31T12:00:00,none\n")),
            "at TIMESTAMP, id VARCHAR");
  EXPECT_EQ(draft(write("c.csv", "amount,at,id\n1.50,2026-01-31T12:00:00Z," + id + "\n"), &dataset_),
            "amount DECIMAL(12,2), at TIMESTAMPTZ, id UUID");
}

}  // namespace
}  // namespace offloader::local_executor
