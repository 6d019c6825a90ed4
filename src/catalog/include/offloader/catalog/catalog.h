#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "offloader/base/crypto.h"
#include "offloader/catalog/aggregate.h"
#include "offloader/catalog/bucket.h"
#include "offloader/catalog/choices.h"
#include "offloader/catalog/column.h"
#include "offloader/catalog/expression.h"
#include "offloader/catalog/filter.h"
#include "offloader/catalog/finding.h"
#include "offloader/catalog/format.h"
#include "offloader/catalog/issuer.h"
#include "offloader/catalog/key_table.h"
#include "offloader/catalog/measure.h"
#include "offloader/catalog/param_type.h"
#include "offloader/catalog/relative_date.h"

// The contract of a project (project-files.md). It is valid by construction: after `load_project` no code
// checks again whether a column or an endpoint's dataset exists. Immutable once built; threads share it as
// shared_ptr<const Catalog>.
namespace offloader::catalog {

struct StaticManifest {
  std::string location;  // relative to the project, or a URL

  friend bool operator==(const StaticManifest&, const StaticManifest&) = default;
};

struct DatabricksSource {
  std::string bucket;  // as written: `name`, `gs://name` or `s3://name`
  std::string prefix;  // ends in `/`
  std::optional<int> interval_seconds;

  friend bool operator==(const DatabricksSource&, const DatabricksSource&) = default;
};

struct Dataset {
  std::string id;
  std::string description;
  Schema schema;
  std::optional<std::size_t> tenant_column;  // index into schema
  std::string pin_snapshot;                  // empty: not pinned
  std::vector<std::string> skip_snapshots;
  std::variant<StaticManifest, DatabricksSource> origin;

  // Returns the column's index in `schema`, or nullopt.
  [[nodiscard]] std::optional<std::size_t> find_column(std::string_view name) const;
  // Returns the path of the manifest relative to the project, or nullopt if the manifest is not a file of the
  // project.
  [[nodiscard]] std::optional<std::string> manifest_path() const;
};

struct Param {
  std::string name;
  ParamType type = ParamType::string;
  bool required = false;
  std::optional<std::string> default_value;  // canonical text, valid for the type; not of a list
  std::vector<std::string> enum_values;
  std::optional<std::int64_t> max;  // of an integer
  std::map<std::string, std::string, std::less<>> aliases;
  std::string description{};
  std::vector<std::string> example{};                      // one text, or those of a list; empty: none
  std::optional<std::int64_t> min{};                       // of an integer
  std::optional<std::string> lower{};                      // `min` of a number, date or timestamp
  std::optional<std::string> upper{};                      // `max` of one
  std::optional<std::int64_t> max_length{};                // of a string, in characters
  std::optional<std::int64_t> list_max{};                  // set: a list of at most so many values
  std::optional<std::vector<std::string>> default_list{};  // of a list
  std::optional<RelativeDate> relative_default{};          // of a date or timestamp

  [[nodiscard]] bool has_default() const { return default_value || default_list || relative_default; }
};

// The numbers are part of contract fingerprints: never change or reuse them.
enum class ServingMode : std::uint8_t { local_table = 0, remote_scan = 1 };
enum class CachePolicy { none, snapshot };

struct Select {
  std::string as;
  std::size_t column = 0;  // index into the dataset's schema; 0 if reads_column() is false
  std::optional<Aggregate> aggregate{};
  std::string description{};
  Measure measure{};                       // of an aggregate
  std::optional<Expression> expression{};  // computed from aggregates of the same select
  bool as_text = false;                    // a number is written as a JSON string
  std::optional<Bucket> bucket{};          // not with `aggregate`; at most one select has it

  // False for the count of rows and for an expression.
  [[nodiscard]] bool reads_column() const { return !measure.rows && !expression; }
  // Whether it is computed from the rows of a group.
  [[nodiscard]] bool of_group() const { return aggregate || expression; }
};

struct OrderBy {
  std::size_t select = 0;  // index into the endpoint's select
  bool descending = false;
};

// Whether the caller may page by the param `cursor`.
enum class CursorPaging {
  off,
  on,      // when the snapshot of a cursor is gone, pages go on in the next one
  strict,  // then the cursor has expired
};

struct Endpoint {
  std::string name;
  std::int64_t version = 1;
  std::string owner;
  std::string description;
  std::string dataset;
  ServingMode serving_mode = ServingMode::local_table;
  std::optional<std::int64_t> max_staleness_minutes;
  bool tenant_scoped = false;  // by the dataset's tenant column
  std::vector<Param> params;
  std::vector<std::vector<std::size_t>> combinations;  // indices into params, sorted
  std::vector<Select> select;                          // the response columns, in response order
  std::vector<Filter> filters;
  std::vector<std::size_t> group_by;  // indices into select
  std::vector<OrderBy> order_by;
  std::int64_t default_limit = 50;
  std::int64_t max_limit = 100;
  CachePolicy cache = CachePolicy::none;
  std::optional<GroupChoice> group_choice{};  // then `group_by` is its standard
  std::vector<std::size_t> sortable{};        // indices into select, for the param `sort`
  TotalsOffer totals{};
  std::optional<Top> top{};
  std::optional<std::int64_t> max_offset{};
  CursorPaging cursor = CursorPaging::off;
  // Conditions on groups: `column` is an index into select, of an aggregate or an expression.
  std::vector<Filter> having{};
  std::vector<Format> formats{Format::json};  // JSON first, then the others in the contract's order
  bool csv_guard = false;                     // CSV has a `'` before texts that a spreadsheet would run
  std::optional<ExportOffer> exports{};       // in the formats other than JSON

  [[nodiscard]] bool aggregated() const {
    return std::any_of(select.begin(), select.end(), [](const Select& each) { return each.aggregate; });
  }
  [[nodiscard]] bool pages_by_cursor() const { return cursor != CursorPaging::off; }
  [[nodiscard]] bool offers(Format format) const {
    return std::find(formats.begin(), formats.end(), format) != formats.end();
  }
  // Whether the caller may choose another format than JSON.
  [[nodiscard]] bool offers_formats() const { return formats.size() > 1; }
};

// A tenant in the type of the tenant column.
using Tenant = std::variant<std::string, std::int64_t>;

enum class AuthMode { required, none };

// The files of a project as read. Support bundles include them, redacted.
struct ProjectTexts {
  std::map<std::string, std::string> files;  // by name relative to the project
  std::string keys_file;                     // the one that holds keys; empty: none
  std::vector<std::string> named{};  // files that others name, read or not; their names need not end in .yml
};

struct Catalog {
  AuthMode auth = AuthMode::required;
  std::string object_store_mode;
  std::vector<std::string> allowed_origins;  // normalized, `scheme://host[:port]`
  std::map<std::string, Dataset, std::less<>> datasets;
  std::map<std::string, Endpoint, std::less<>> endpoints;
  KeyTable keys;
  std::vector<Issuer> issuers;
  std::string config_version;                 // the first 16 hex digits of a hash over the project's files
  std::shared_ptr<const ProjectTexts> texts;  // null in catalogs that were not loaded from files

  [[nodiscard]] const Dataset& dataset_of(const Endpoint& endpoint) const {
    // Requires: `endpoint` belongs to this catalog.
    return datasets.find(endpoint.dataset)->second;
  }

  // Returns whether anyone has a limit that counts by day. Such counters survive a restart only with a usage
  // ledger.
  [[nodiscard]] bool has_daily_limits() const;
};

[[nodiscard]] constexpr std::uint8_t number_of(ServingMode mode) {
  return static_cast<std::uint8_t>(mode);
}
[[nodiscard]] std::string_view name_of(ServingMode mode);
[[nodiscard]] std::string_view name_of(CachePolicy policy);

// Returns the type of a select's values in answers. Requires: it belongs to an endpoint over the dataset.
[[nodiscard]] SizedType result_type(const Select& select, const Dataset& dataset);

}  // namespace offloader::catalog
