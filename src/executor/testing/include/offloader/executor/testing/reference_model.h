#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// A project as the property tests see it: plain rows and a plain contract, made from a seed, with an
// evaluator that is as simple as it can be. It shares no code with the server but the number formats of base,
// which have tests of their own.
namespace offloader::executor::testing::model {

enum class Type { boolean, integer, bigint, float64, date, timestamp, varchar, json };

// A value of a row. Dates are days, timestamps microseconds; VARCHAR and JSON are text.
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
using Row = std::vector<Cell>;

struct Column {
  std::string name;
  Type type;
  bool extreme =
      false;  // of float64: the ends of the range, NaN and infinities, whose sums depend on their order
  std::string nested{};  // of json in a Parquet table: its type there, a STRUCT, MAP or list; empty: text
};

struct Table {
  std::string id;
  std::vector<Column> columns;
  std::optional<std::size_t> tenant;  // index of the tenant column
  std::vector<Row> rows;
  std::string snapshot_id;
  bool parquet = false;  // its files are Parquet, of typed columns; else CSV
};

struct Select {
  std::string as;
  std::size_t column;
  std::string aggregate;  // empty, sum, avg, min, max, count
};

struct Param {
  std::string name;
  std::string type;  // string integer date enum
  bool required = false;
  std::optional<std::string> default_value;
  std::vector<std::string> values;  // enum
  std::optional<std::int64_t> max;
  std::vector<std::pair<std::string, std::string>> aliases;
};

struct Filter {
  std::size_t column;
  std::string op;  // eq gte lte
  std::size_t param;
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
  std::vector<std::size_t> group_by;                   // selects
  std::vector<std::pair<std::size_t, bool>> order_by;  // select, descending
  std::int64_t default_limit = 50;
  std::int64_t max_limit = 100;
};

struct Project {
  std::vector<Table> tables;
  std::vector<Endpoint> endpoints;
  std::vector<std::string> tenants;  // each has a key `offl_{tenant}`; texts that are integers too
};

// A request as sent: decoded params in order.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Expected {
  int status = 200;
  std::string data;  // the JSON of `data`, when 200
  std::int64_t row_count = 0;
  bool has_more = false;
};

// What the contract says the answer must be. `tenant` is the caller's.
[[nodiscard]] Expected evaluate(const Table& table, const Endpoint& endpoint, const Query& query,
                                const std::string& tenant);

}  // namespace offloader::executor::testing::model
