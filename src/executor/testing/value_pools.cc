#include "value_pools.h"

#include <limits>

namespace offloader::executor::testing::model {

const std::vector<std::string> kTexts = {"",
                                         "a",
                                         "b",
                                         "alpha",
                                         "ALPHA",
                                         "naïve",
                                         "Zürich",
                                         "日本語",
                                         "😀 smile",
                                         "o'brien",
                                         "a,b",
                                         "say \"x\"",
                                         "EMERALD+",
                                         "tab\there",
                                         "line\nbreak",
                                         "STRASSE",
                                         "stra\u00dfe",
                                         "\u00c0\u00c9\u00ce",
                                         "\u03a3\u0391\u03a3",
                                         "\u0130stanbul",
                                         "2026-01-02",
                                         "42",
                                         "-7",
                                         "null",
                                         "true",
                                         " padded ",
                                         "\x01\x1f",
                                         "\\back/",
                                         "\u2028e\u0301",
                                         std::string(400, 'z')};
const std::vector<std::int64_t> kIntegers = {0,  1,   -1,  2,          7,           42,
                                             -7, 100, 999, 2147483647, -2147483647, -2147483648LL};
const std::vector<std::int64_t> kBigs = {0,
                                         1,
                                         -1,
                                         42,
                                         9223372036854775807,
                                         -9223372036854775807,
                                         std::numeric_limits<std::int64_t>::min(),
                                         4611686018427387904,
                                         1000000007};

const std::vector<std::string> kUuids = {
    "00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-426614174000",
    "7fffffff-ffff-ffff-ffff-ffffffffffff", "80000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff"};

namespace {

const std::vector<std::string> kDocuments = {
    "{}", "[]", "null", "{\"a\":1}", "[1,2,{\"b\":[true,null]}]", "\"text\"", "12.5", "{\"ü\":\"é\"}"};
// Types of nested Parquet columns, each with documents as they are served: every field of a STRUCT, in the
// order of the type.
struct Nested {
  std::string type;
  std::vector<std::string> documents;
};
const std::vector<Nested> kNested = {
    {"STRUCT(a BIGINT, \"ü\" VARCHAR, c INTEGER[])",
     {R"({"a":1,"ü":"é 日本","c":[1,null,-3]})", R"({"a":null,"ü":null,"c":null})",
      R"({"a":-9223372036854775808,"ü":"say \"x\", o'brien\n\\","c":[]})",
      R"({"a":9223372036854775807,"ü":"","c":[0]})"}},
    {"STRUCT(outer_field STRUCT(inner_field DOUBLE, flag BOOLEAN), many STRUCT(day DATE)[])",
     {R"({"outer_field":{"inner_field":1.5,"flag":true},"many":[{"day":"2026-01-02"},{"day":null},null]})",
      R"({"outer_field":null,"many":[]})",
      R"({"outer_field":{"inner_field":null,"flag":false},"many":null})"}},
    {"MAP(VARCHAR, INTEGER)", {R"({"a":1,"B b":null,"ü":-3})", "{}", R"({"":0})"}},
    {"STRUCT(price DECIMAL(12,2), \"at\" TIMESTAMP WITH TIME ZONE[], id UUID)",
     {R"({"price":12.50,"at":["2026-01-02T03:04:05.5Z",null],"id":"123e4567-e89b-12d3-a456-426614174000"})",
      R"({"price":-0.05,"at":[],"id":null})", R"({"price":null,"at":null,"id":null})"}},
    {"MAP(VARCHAR, STRUCT(\"when\" TIMESTAMP, d DECIMAL(38,6))[])",
     {R"({"a \"b\"":[{"when":"2026-01-02T00:00:00","d":1234.500000},null]})", "{}",
      R"({"x":[{"when":null,"d":0.000000}]})"}},
    {"VARCHAR[][]", {R"([["a",null],[],null,["ü","\"","null"]])", "[]", "[[]]"}},
};
const std::vector<double> kDoubles = {0.0, 1.0, -1.5, 0.1, 42.0, 1e20, -1e-7, 1e16, 123456.789, 2.0};
const std::vector<double> kExtremeDoubles = {0.0,
                                             1.0,
                                             std::numeric_limits<double>::max(),
                                             std::numeric_limits<double>::lowest(),
                                             std::numeric_limits<double>::min(),
                                             std::numeric_limits<double>::denorm_min(),
                                             std::numeric_limits<double>::quiet_NaN(),
                                             std::numeric_limits<double>::infinity(),
                                             -std::numeric_limits<double>::infinity(),
                                             9.99e-6,
                                             1e-5,
                                             9.999999999999999e15,
                                             0.1 + 0.2};
const std::vector<std::int64_t> kDays = {0, -1, -719162, 2932896, 20454, 20455, 20456, 20460, 11016};
constexpr std::int64_t kDay = 86'400'000'000;
// When zones of the tests changed their offset, in seconds: Berlin, New York, Havana and Lord Howe twice, and
// the day that Samoa skipped, a change at a minute past midnight, and a midnight that was skipped.
const std::vector<std::int64_t> kChanges = {1'761'440'400, 1'762'063'200, 1'762'059'600, 1'759'591'800,
                                            1'775'314'800, 1'325'239'200, 1'162'089'060, 1'541'300'400};

// An instant near a change, in microseconds.
std::int64_t change_of_zone(Random& random) {
  const std::vector<std::int64_t> kNear = {-86'400, -5400, -3600, -1800, -1, 0, 1800, 3600, 5400, 86'400};
  return (pick(random, kChanges) + pick(random, kNear)) * 1'000'000;
}

}  // namespace

Cell random_cell(const Column& column, Random& random) {
  switch (column.type) {
    case Type::boolean:
      return chance(random, 50);
    case Type::integer:
      return pick(random, kIntegers);
    case Type::bigint:
      return pick(random, kBigs);
    case Type::float64:
      return pick(random, column.extreme ? kExtremeDoubles : kDoubles);
    case Type::date:
      return pick(random, kDays);
    case Type::timestamp:
      if (chance(random, 25)) return change_of_zone(random) + static_cast<std::int64_t>(below(random, 2));
      return pick(random, kDays) * kDay + static_cast<std::int64_t>(below(random, 4)) * 21'600'000'000 +
             static_cast<std::int64_t>(below(random, 3)) * 1500;
    case Type::timestamptz:
      if (chance(random, 25)) return change_of_zone(random);
      return pick(random, kDays) * kDay + static_cast<std::int64_t>(below(random, 4)) * 21'600'000'000;
    case Type::decimal: {
      Int128 greatest = 1;
      for (int i = 0; i < column.precision; ++i) greatest *= 10;
      const std::vector<Int128> kValues = {0, 1, -1, 50, 100, -150, 42, 1250, greatest / 7, -greatest / 3};
      // The sums of these values have at most 38 digits.
      const Int128 value = kValues[below(random, kValues.size())];
      if (column.precision < 36 && chance(random, 10)) return Decimal{greatest - 1};
      return Decimal{column.precision < 36 ? value % greatest : value % 100000};
    }
    case Type::uuid:
      return pick(random, kUuids);
    case Type::varchar:
      return pick(random, kTexts);
    case Type::json:
      for (const Nested& nested : kNested) {
        if (nested.type == column.nested) return pick(random, nested.documents);
      }
      return pick(random, kDocuments);
  }
  return {};
}

const std::string& random_nested_type(Random& random) {
  return pick(random, kNested).type;
}

}  // namespace offloader::executor::testing::model
