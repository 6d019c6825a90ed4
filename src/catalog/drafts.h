#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fields.h"
#include "offloader/catalog/catalog.h"
#include "project_files.h"

// What the readers pass to each other while findings may still follow: enough of a broken part that the parts
// that refer to it can be checked.
namespace offloader::catalog {

struct ProjectDraft {
  AuthMode auth = AuthMode::required;
  std::string object_store_mode;
  std::vector<std::string> allowed_origins;
  std::set<std::string, std::less<>> origins;  // the same, for looking one up
  std::string datasets_dir = "datasets";
  std::string endpoints_dir = "endpoints";
  Value datasets_dir_at;
  Value endpoints_dir_at;
  Value keys_at;
  std::optional<std::string> keys;

  [[nodiscard]] bool is_allowed(std::string_view origin) const { return origins.contains(origin); }
};

struct DatasetDraft {
  Dataset dataset;
  std::map<std::string, std::size_t, std::less<>> columns;  // name → index into the schema
  // False when columns are missing or of unknown type, so that checks on them would mislead.
  bool schema_complete = true;
  bool has_tenant = false;  // `tenant_column` is written, right or not
  std::string tenant_name;
  std::string file;  // that defines it, and the line there of `manifest`
  int manifest_line = 0;

  [[nodiscard]] std::optional<std::size_t> find_column(std::string_view name) const;
};

struct EndpointDraft {
  Endpoint endpoint;
  std::optional<ColumnType> tenant_type;  // of the dataset's tenant column, where that is known
};

using DatasetDrafts = std::map<std::string, DatasetDraft, std::less<>>;
using EndpointDrafts = std::map<std::string, EndpointDraft, std::less<>>;
using Defined = std::map<std::string, std::string, std::less<>>;  // name → `file:line` that defined it first

[[nodiscard]] ProjectDraft read_project(const Value& root);
void read_dataset(const Value& root, const ProjectDraft& project, const ProjectFiles& files,
                  DatasetDrafts& datasets, Defined& defined);
void read_endpoint(const Value& root, const ProjectDraft& project, const DatasetDrafts& datasets,
                   EndpointDrafts& endpoints, Defined& defined);
[[nodiscard]] std::vector<Key> read_keys(const Value& root, const EndpointDrafts& endpoints);

[[nodiscard]] std::vector<std::string> names_of_columns(const DatasetDraft& draft);

// A minted name under `field`: reports `unsafe_identifier`.
[[nodiscard]] std::optional<std::string> read_identifier(const Fields& fields, std::string_view field);
// A column's or an `as` name.
[[nodiscard]] std::optional<std::string> read_column_name(const Fields& fields, std::string_view field);
// Where `name` was defined before; nullopt when it was not, and then it is defined here.
[[nodiscard]] std::optional<std::string> define(Defined& defined, const std::string& name, const Value& at);

// `text` for comparing names as DuckDB does.
[[nodiscard]] std::string lower_case(std::string_view text);

// Tokens in the clear: every `token:` and every value of a token's shape; as a warning what is nearly one,
// and what looks like a token in a comment.
void report_plaintext_tokens(const Value& root, const std::string& text);
// The shape that `keys create` makes: `offl_` and 48 hex digits.
[[nodiscard]] bool is_api_token(std::string_view text);

}  // namespace offloader::catalog
