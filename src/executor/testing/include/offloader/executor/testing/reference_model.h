#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "offloader/base/json_text.h"

// A project as the property tests see it: plain rows and a plain contract, generated from a seed, and an
// evaluator that is as simple as possible. It shares no code with the server except the number, date and
// timestamp formats of `base`, which have tests of their own.
namespace offloader::executor::testing::model {

enum class Type {
  boolean,
  integer,
  bigint,
  float64,
  decimal,
  date,
  timestamp,
  timestamptz,
  varchar,
  uuid,
  json
};

// The unscaled value of a decimal.
struct Decimal {
  Int128 unscaled = 0;
  friend auto operator<=>(const Decimal&, const Decimal&) = default;
};

// A value of a row. Dates are in days since 1970-01-01, timestamps in microseconds; VARCHAR, JSON and UUID
// (in lower case) are text.
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string, Decimal>;
using Row = std::vector<Cell>;

struct Column {
  std::string name;
  Type type;
  // For float64: use the ends of the range, NaN and infinities, whose sums depend on their order.
  bool extreme = false;
  // For json in a Parquet table: the SQL type in the file, a STRUCT, MAP or list; empty for text.
  std::string nested{};
  // For decimal.
  int precision = 0;
  int scale = 0;
};

struct Table {
  std::string id;
  std::vector<Column> columns;
  std::optional<std::size_t> tenant;  // index of the tenant column
  std::vector<Row> rows;
  std::string snapshot_id;
  bool parquet = false;  // its files are Parquet with typed columns; otherwise CSV
};

struct Filter {
  std::size_t column;
  std::string op;
  std::size_t param;
  std::vector<std::string> constants{};  // compared with instead of the param, as strings
  bool nulls = false;                    // `nulls: include`
  std::size_t any = 0;                   // filters with the same number other than 0 are alternatives
};

// A time bucket. With one grain or zone and no param, it is a constant.
struct Bucket {
  std::vector<std::string> grains;
  std::optional<std::size_t> grain_param{};
  std::vector<std::string> zones{"UTC"};
  std::optional<std::size_t> zone_param{};
  bool sunday = false;
  std::string fill{};  // empty, null, zero
};

struct Select {
  std::string as;
  std::size_t column;
  std::string aggregate;  // empty, sum, avg, min, max, count, count_distinct, median, quantile, first, last
  std::optional<Bucket> bucket{};
  bool rows = false;  // count of `*`
  std::string quantile{};
  bool discrete = false;  // `method: disc`
  std::size_t by = 0;     // of first and last
  std::vector<Filter> where{};
  std::string expression{};  // computed from aggregates
  bool as_text = false;      // `encode: string`

  [[nodiscard]] bool of_group() const { return !aggregate.empty() || !expression.empty(); }
};

struct Param {
  std::string name;
  std::string type;  // string integer number boolean date timestamp enum
  bool required = false;
  std::optional<std::string> default_value;
  std::vector<std::string> values;  // enum
  std::optional<std::int64_t> max;
  std::vector<std::pair<std::string, std::string>> aliases;
  std::optional<std::size_t> list_max{};  // a list
  std::vector<std::string> default_list{};
  std::optional<std::string> min{};    // integer number date timestamp
  std::optional<std::string> upper{};  // `max` of number date timestamp
  std::optional<std::size_t> max_length{};
  std::optional<int> days_before{};  // a default of so many days before the watermark, which is kWatermark
};

// The watermark of every snapshot: 2026-01-01, in days since 1970-01-01.
inline constexpr std::int32_t kWatermark = 20'454;

// Of each group of rows alike in `per`, the first `limit` by `by`, descending. Indices of selects.
struct Top {
  std::vector<std::size_t> per;
  std::size_t by = 0;
  std::size_t limit = 1;
};

struct Endpoint {
  std::string name;
  int version = 1;
  std::size_t table = 0;
  bool remote = false;
  bool cached = false;
  std::vector<Param> params;
  std::vector<std::vector<std::size_t>> combinations;
  std::vector<Select> selects;
  std::vector<Filter> filters;
  std::vector<std::size_t> group_by;                   // indices of selects
  std::vector<std::pair<std::size_t, bool>> order_by;  // index of the select, whether descending
  std::int64_t default_limit = 50;
  std::int64_t max_limit = 100;
  // What the caller may choose. Indices of selects; with `choose`, `group_by` is the default.
  std::optional<std::vector<std::size_t>> choose{};
  std::optional<std::size_t> most_groups{};
  std::vector<std::size_t> sortable{};
  bool offers_rows = false;
  bool offers_grand = false;
  std::optional<Top> top{};
  std::optional<std::int64_t> max_offset{};
  std::vector<Filter> having{};  // their column is the index of a select
  bool cursor = false;           // pages by cursor
};

struct Project {
  std::vector<Table> tables;
  std::vector<Endpoint> endpoints;
  std::vector<std::string> tenants;  // each has a key (token_of()); all are integers as text
};

// The params of a request, decoded, in order.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Expected {
  int status = 200;
  std::string data{};  // the JSON of `data`, if the status is 200
  std::int64_t row_count = 0;
  bool has_more = false;
  std::optional<std::int64_t> total_rows{};
  std::string totals{};  // the JSON of `totals`; empty: not asked for
};

// Returns the answer that the contract requires. `tenant` is that of the caller.
[[nodiscard]] Expected evaluate(const Table& table, const Endpoint& endpoint, const Query& query,
                                const std::string& tenant);

}  // namespace offloader::executor::testing::model
