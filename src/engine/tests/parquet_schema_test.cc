#include "parquet_schema.h"

#include <gmock/gmock.h>

#include "remote_scene.h"

// Schemas that DuckDB follows out of its memory.
namespace offloader::engine {
namespace {

using catalog::ColumnType;
using manifest::FileFormat;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kInt64 = 2;
constexpr std::int64_t kBytes = 6;
constexpr std::int64_t kRequired = 0;
constexpr std::int64_t kOptional = 1;
constexpr std::int64_t kRepeated = 2;
constexpr std::int64_t kList = 3;
constexpr std::int64_t kVariant = 16;

SchemaElement leaf(std::string_view name, std::int64_t physical = kBytes,
                   std::int64_t repetition = kOptional) {
  return {.name = name, .physical = physical, .repetition = repetition};
}
SchemaElement group(std::string_view name, std::int64_t children, std::int64_t repetition = kOptional) {
  return {.name = name, .repetition = repetition, .children = children};
}
SchemaElement variant(std::int64_t children) {
  auto out = group("doc", children);
  out.logical = kVariant;
  return out;
}
SchemaElement list(std::string_view name) {
  auto out = group(name, 1);
  out.converted = kList;
  out.logical = 3;
  return out;
}

// An object of a number, and of a list of texts.
ParquetSchema shredded() {
  return {group("schema", 2, kRequired),
          leaf("id", kInt64),
          variant(3),
          leaf("metadata", kBytes, kRequired),
          leaf("value"),
          group("typed_value", 2),
          group("age", 2, kRequired),
          leaf("value"),
          leaf("typed_value", kInt64),
          group("tags", 2, kRequired),
          leaf("value"),
          list("typed_value"),
          group("list", 1, kRepeated),
          group("element", 2, kRequired),
          leaf("value"),
          leaf("typed_value")};
}

TEST(ParquetSchema, ItsColumnsAndLeaves_AreThoseOfTheFormat) {
  const auto schema = shredded();
  EXPECT_THAT(top_level_columns(schema), ElementsAre("id", "doc"));
  const auto leaves = schema_leaves(schema);
  ASSERT_EQ(leaves.size(), 8U);
  EXPECT_EQ(leaves[0].column, 0U);
  EXPECT_EQ(leaves[1].column, 1U);
  EXPECT_FALSE(leaves[5].repeated);
  EXPECT_TRUE(leaves[7].repeated);
  EXPECT_TRUE(leaves[7].optional);
  const ParquetSchema cut(schema.begin(), schema.end() - 1);
  EXPECT_TRUE(schema_leaves(cut).empty());
}

TEST(ParquetSchema, ASoundVariant_HasNoProblem) {
  EXPECT_TRUE(schema_problems(shredded()).empty());
  const ParquetSchema plain = {group("schema", 1, kRequired), variant(2), leaf("value"), leaf("metadata")};
  EXPECT_TRUE(schema_problems(plain).empty());
  auto untyped = shredded();  // a field that is never of one type
  untyped.erase(untyped.begin() + 8);
  untyped[6].children = 1;
  EXPECT_TRUE(schema_problems(untyped).empty());
}

TEST(ParquetSchema, AVariantThatIsNotBuiltAsOne_IsTold) {
  const auto at = [](auto change) {
    auto schema = shredded();
    change(schema);
    const auto problems = schema_problems(schema);
    EXPECT_EQ(problems.size(), 1U);
    if (problems.empty()) return std::string();
    EXPECT_EQ(problems[0].column, 1U);
    const auto from = problems[0].text.find('`') + 1;
    return problems[0].text.substr(from, problems[0].text.find('`', from) - from);
  };
  EXPECT_EQ(at([](auto& s) { s[6].repetition = kRepeated; }), "doc.typed_value.age");
  EXPECT_EQ(at([](auto& s) { s[6].converted = kList; }), "doc.typed_value.age");
  EXPECT_EQ(at([](auto& s) { s[6].logical = kVariant; }), "doc.typed_value.age");
  EXPECT_EQ(at([](auto& s) { s[7].name = "values"; }), "doc.typed_value.age.values");
  EXPECT_EQ(at([](auto& s) { s[7].physical = kInt64; }), "doc.typed_value.age.value");
  EXPECT_EQ(at([](auto& s) { s[8].repetition = kRepeated; }), "doc.typed_value.age.typed_value");
  EXPECT_EQ(at([](auto& s) { s[8].name = "value"; }), "doc.typed_value.age.value");
  EXPECT_EQ(at([](auto& s) { s[3].physical = kInt64; }), "doc.value");
  EXPECT_EQ(at([](auto& s) { s[4].converted = 5; }), "doc.value");
  EXPECT_EQ(at([](auto& s) { s[4].name = "metadata"; }), "doc");
  EXPECT_EQ(at([](auto& s) { s[5].name = "typed"; }), "doc.typed");
  EXPECT_EQ(at([](auto& s) { s[5].repetition = kRepeated; }), "doc.typed_value");
  EXPECT_EQ(at([](auto& s) { s[11].converted = -1; }), "doc.typed_value.tags.typed_value");
  EXPECT_EQ(at([](auto& s) { s[12].repetition = kOptional; }), "doc.typed_value.tags.typed_value.list");
  EXPECT_EQ(at([](auto& s) { s[13].repetition = kRepeated; }),
            "doc.typed_value.tags.typed_value.list.element");
}

class ParquetSchemaFiles : public RemoteScene {};

// A field of the object that is said to be repeated.
TEST_F(ParquetSchemaFiles, AShreddedVariantOfOtherParts_IsRefusedAndTheProcessLives) {
  dataset_.schema = {{"v", ColumnType::json}};
  std::ifstream in(std::filesystem::path(OFFLOADER_SOURCE_DIR) / "src/app/tests/data/parquet/variant.parquet",
                   std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::string field("\x35\x00\x18\x03who", 7);  // repetition, then the name
  const auto at = bytes.find(field);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 1] = '\x04';
  std::ofstream(root_ / "bad.parquet", std::ios::binary) << bytes;
  const auto file = file_of("bad.parquet", FileFormat::parquet);
  const auto message =
      AllOf(HasSubstr("schema_data_mismatch"),
            HasSubstr("Its VARIANT is not built as one, at `v.typed_value.who`: export it again"));
  EXPECT_THAT(refusal({file}), message);
  const auto built = engine_->build(remote_request({upload(file)}));
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().error.code, ErrorCode::rejected);
  EXPECT_THAT(to_text(built.error().findings), message);
  const auto scanned = open({upload(file)});
  ASSERT_FALSE(scanned);
  EXPECT_THAT(to_text(scanned.error().findings), message);
}

}  // namespace
}  // namespace offloader::engine
