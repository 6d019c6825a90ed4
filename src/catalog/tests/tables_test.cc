#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "offloader/catalog/catalog.h"

namespace offloader::catalog {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr char kReference[] = OFFLOADER_SOURCE_DIR "/docs/reference/config.md";
constexpr char kIndexFormat[] = OFFLOADER_SOURCE_DIR "/docs/index-format.md";

template <typename Rows>
std::map<int, std::string> numbers_of(const Rows& rows) {
  std::map<int, std::string> numbers;
  for (const auto& row : rows) numbers.emplace(row.number, row.name);
  return numbers;
}

std::string text_of(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Existing snapshots, indexes and ETags contain these numbers. A new row must take a new number.
TEST(Tables, Numbers_Stored_NeverChange) {
  EXPECT_THAT(numbers_of(kColumnTypes),
              ElementsAre(Pair(0, "BOOLEAN"), Pair(1, "INTEGER"), Pair(2, "BIGINT"), Pair(3, "DOUBLE"),
                          Pair(4, "DATE"), Pair(5, "TIMESTAMP"), Pair(6, "VARCHAR"), Pair(7, "JSON"),
                          Pair(8, "DECIMAL"), Pair(9, "TIMESTAMPTZ"), Pair(10, "UUID")));
  EXPECT_THAT(numbers_of(kParamTypes),
              ElementsAre(Pair(0, "string"), Pair(1, "integer"), Pair(2, "date"), Pair(3, "enum"),
                          Pair(4, "number"), Pair(5, "boolean"), Pair(6, "timestamp")));
  EXPECT_THAT(numbers_of(kAggregates),
              ElementsAre(Pair(0, "sum"), Pair(1, "avg"), Pair(2, "min"), Pair(3, "max"), Pair(4, "count"),
                          Pair(5, "count_distinct"), Pair(6, "median"), Pair(7, "quantile"), Pair(8, "first"),
                          Pair(9, "last")));
  EXPECT_THAT(numbers_of(kFilterOps),
              ElementsAre(Pair(0, "eq"), Pair(1, "gte"), Pair(2, "lte"), Pair(3, "ne"), Pair(4, "in"),
                          Pair(5, "not_in"), Pair(6, "gt"), Pair(7, "lt"), Pair(8, "prefix"),
                          Pair(9, "contains"), Pair(10, "icontains"), Pair(11, "is_null")));
  EXPECT_EQ(number_of(ServingMode::local_table), 0);
  EXPECT_EQ(number_of(ServingMode::remote_scan), 1);
}

TEST(Tables, ColumnType_ExactNameOrNumber_IsFound) {
  for (const ColumnTypeRow& row : kColumnTypes) {
    if (row.type != ColumnType::decimal) {
      EXPECT_EQ(parse_column_type(row.name), SizedType(row.type));
    }
    EXPECT_EQ(column_type_numbered(row.number), row.type);
    EXPECT_EQ(row_of(row.type).name, row.name);
  }
  EXPECT_EQ(parse_column_type("date"), std::nullopt);
  EXPECT_EQ(parse_column_type(""), std::nullopt);
  EXPECT_EQ(column_type_numbered(11), std::nullopt);
  EXPECT_EQ(column_type_numbered(256), std::nullopt);
}

TEST(Tables, TypeSets_OfTheTable_ListTheMarkedTypes) {
  EXPECT_EQ(names_of(kNumericTypes, " or "), "INTEGER, BIGINT, DECIMAL or DOUBLE");
  EXPECT_EQ(names_of(kTenantTypes, " or "), "VARCHAR, UUID, INTEGER or BIGINT");
  EXPECT_EQ(names_of(kScalarTypes, " and "),
            "DATE, TIMESTAMP, TIMESTAMPTZ, VARCHAR, UUID, INTEGER, BIGINT, DECIMAL, DOUBLE and BOOLEAN");
  EXPECT_EQ(names_of({}, " or "), "");
  EXPECT_EQ(names_of({ColumnType::json}, " or "), "JSON");
}

TEST(Tables, Rows_All_HaveTheTextsOfTheReference) {
  for (const ColumnTypeRow& row : kColumnTypes) {
    EXPECT_FALSE(row.example.empty() || row.in_files.empty() || row.in_json.empty()) << row.name;
    EXPECT_FALSE(row.json.type.empty() && row.json.description.empty()) << row.name;
  }
  for (const AggregateRow& row : kAggregates) {
    EXPECT_NE(row.of, TypeSet()) << row.name;
    EXPECT_NE(row.result, nullptr) << row.name;
    EXPECT_FALSE(row.meaning.empty()) << row.name;
  }
  for (const FilterOpRow& row : kFilterOps) {
    EXPECT_NE(row.of, TypeSet()) << row.name;
    EXPECT_FALSE(row.meaning.empty()) << row.name;
  }
}

// ---- The reference, docs/reference/config.md

using Cells = std::vector<std::string>;

std::string code(std::string_view word) {
  return "`" + std::string(word) + "`";
}

std::string in_words(TypeSet types) {
  if (types == kNumericTypes) return "numbers";
  if (types == kScalarTypes) return "all but JSON";
  if (types == all_types()) return "all";
  return names_of(types, ", ");
}

std::string table_of(const Cells& heads, const std::vector<Cells>& rows) {
  const auto line = [](const Cells& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + cell + " |";
    return text + "\n";
  };
  std::string text = line(heads) + line(Cells(heads.size(), "---"));
  for (const Cells& row : rows) text += line(row);
  return text;
}

std::string table_of_types() {
  std::vector<Cells> rows;
  for (const ColumnTypeRow& row : kColumnTypes)
    rows.push_back({code(spelling_of(row)), std::string(row.in_files), std::string(row.in_json)});
  return table_of({"type", "accepted in the files", "in JSON"}, rows);
}

std::string table_of_param_types() {
  std::vector<Cells> rows;
  for (const ParamTypeRow& row : kParamTypes) rows.push_back({code(row.name), in_words(row.columns)});
  return table_of({"param type", "compares with columns of type"}, rows);
}

std::string table_of_aggregates() {
  std::vector<Cells> rows;
  for (const AggregateRow& row : kAggregates)
    rows.push_back({code(row.name), in_words(row.of), std::string(row.meaning)});
  return table_of({"aggregate", "of", "gives"}, rows);
}

std::string operand_of(const FilterOpRow& row) {
  switch (row.operand) {
    case Operand::value:
      return "one value";
    case Operand::list:
      return "a list";
    case Operand::flag:
      return "a `boolean`";
  }
  return "";
}

std::string table_of_operators() {
  std::vector<Cells> rows;
  for (const FilterOpRow& row : kFilterOps)
    rows.push_back({code(row.name), in_words(row.of), operand_of(row), std::string(row.meaning)});
  return table_of({"operator", "of", "compares with", "keeps"}, rows);
}

// With OFFLOADER_UPDATE_GOLDEN=1 the test writes the tables into the document; review the diff.
TEST(Tables, Reference_AllTables_AreUpToDate) {
  const std::string before = text_of(kReference);
  std::string after = before;
  for (const auto& [title, table] : {std::pair{"column types", table_of_types()},
                                     {"param types", table_of_param_types()},
                                     {"aggregates", table_of_aggregates()},
                                     {"operators", table_of_operators()}}) {
    const std::string mark = "<!-- table: " + std::string(title) + " -->\n\n";
    const std::size_t at = after.find(mark);
    ASSERT_NE(at, std::string::npos) << "no place for the table of " << title;
    const std::size_t begin = at + mark.size();
    std::size_t end = begin;
    while (after.compare(end, 1, "|") == 0) end = after.find('\n', end) + 1;
    after.replace(begin, end - begin, table);
  }
  if (std::getenv("OFFLOADER_UPDATE_GOLDEN") != nullptr) std::ofstream(kReference) << after;
  EXPECT_EQ(before, after);
}

TEST(Tables, IndexFormat_ColumnTypes_AreUpToDate) {
  std::string list;
  for (const auto& [number, name] : numbers_of(kColumnTypes))
    list += (list.empty() ? "" : ", ") + std::to_string(number) + " " + name;
  EXPECT_THAT(text_of(kIndexFormat), testing::HasSubstr("type: " + list + " |"));
}

}  // namespace
}  // namespace offloader::catalog
