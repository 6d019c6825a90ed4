#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fields.h"
#include "offloader/catalog/catalog.h"
#include "project_files.h"

// Drafts that the readers pass to each other. A draft keeps enough of a broken part that the parts that refer
// to it can still be checked.
namespace offloader::catalog {

struct ProjectDraft {
  AuthMode auth = AuthMode::required;
  std::string object_store_mode;
  std::vector<std::string> allowed_origins;
  std::set<std::string, std::less<>> origins;  // the same, for lookups
  std::string datasets_dir = "datasets";
  std::string endpoints_dir = "endpoints";
  Value datasets_dir_at;
  Value endpoints_dir_at;
  Value keys_at;
  Value identity_at;
  std::optional<std::string> keys;
  std::optional<std::string> identity;

  [[nodiscard]] bool is_allowed(std::string_view origin) const { return origins.contains(origin); }
};

struct DatasetDraft {
  Dataset dataset;
  std::map<std::string, std::size_t, std::less<>> columns;  // name → index into the schema
  // False if columns are missing or have an unknown type, so that checks against the schema would mislead.
  bool schema_complete = true;
  bool has_tenant = false;  // `tenant_column` is written, valid or not
  std::string tenant_name;
  std::string file;  // the file that defines it, and the line of `manifest` in it
  int manifest_line = 0;

  [[nodiscard]] std::optional<std::size_t> find_column(std::string_view name) const;
};

struct EndpointDraft {
  Endpoint endpoint;
  std::optional<SizedType> tenant_type;  // of the dataset's tenant column, if known
  std::vector<Value> filter_places;      // the `column` of each of the endpoint's filters
};

using DatasetDrafts = std::map<std::string, DatasetDraft, std::less<>>;
using EndpointDrafts = std::map<std::string, EndpointDraft, std::less<>>;
using Defined =
    std::map<std::string, std::string, std::less<>>;  // name → `file:line` of its first definition

[[nodiscard]] ProjectDraft read_project(const Value& root);
void read_dataset(const Value& root, const ProjectDraft& project, const ProjectFiles& files,
                  DatasetDrafts& datasets, Defined& defined);
void read_endpoint(const Value& root, const ProjectDraft& project, const DatasetDrafts& datasets,
                   EndpointDrafts& endpoints, Defined& defined);

[[nodiscard]] std::vector<std::string> names_of_columns(const DatasetDraft& draft);

// Reads an identifier from `field`; reports `unsafe_identifier`.
[[nodiscard]] std::optional<std::string> read_identifier(const Fields& fields, std::string_view field);
// Reads a column name or an `as` name.
[[nodiscard]] std::optional<std::string> read_column_name(const Fields& fields, std::string_view field);
// Returns where `name` was first defined. Returns nullopt if it was not, and records this definition.
[[nodiscard]] std::optional<std::string> define(Defined& defined, const std::string& name, const Value& at);

// Lower-cases ASCII letters: DuckDB compares column names this way.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace offloader::catalog
