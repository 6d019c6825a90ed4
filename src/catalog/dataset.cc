#include <algorithm>
#include <array>
#include <limits>

#include "drafts.h"
#include "offloader/base/identifier.h"
#include "offloader/catalog/origin.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 8> kFields = {
    "id", "description", "schema", "tenant_column", "pin_snapshot", "skip_snapshots", "manifest", "source"};
constexpr std::array<std::string_view, 2> kColumnFields = {"name", "type"};
constexpr std::array<std::string_view, 4> kSourceFields = {"type", "bucket", "prefix", "interval_seconds"};
constexpr std::array<std::string_view, 8> kTypes = {"DATE",   "TIMESTAMP", "VARCHAR", "INTEGER",
                                                    "BIGINT", "DOUBLE",    "BOOLEAN", "JSON"};
constexpr std::array<std::string_view, 1> kSourceTypes = {"databricks"};

void read_schema(const Fields& fields, DatasetDraft& draft) {
  std::map<std::string, std::string> names;  // in lower case → as written
  const std::vector<Value> items = fields.list("schema", Need::required);
  draft.schema_complete = !items.empty();
  for (const Value& item : items) {
    const Fields column(item, kColumnFields);
    if (!column.readable()) {
      draft.schema_complete = false;
      continue;
    }
    const auto name = read_column_name(column, "name");
    const auto type = column.choice("type", Need::required, kTypes, "unsupported_type");
    if (!name || !type) draft.schema_complete = false;
    if (!name) continue;
    const auto [first, inserted] = names.emplace(lower_case(*name), *name);
    if (!inserted) {
      column.at("name").report(
          "duplicate_column",
          item.source->quote(*name) +
              (first->second == *name
                   ? " is already a column"
                   : " differs from `" + first->second + "` only in case, and DuckDB takes them as one"));
      continue;
    }
    if (type) draft.dataset.schema.push_back({*name, *parse_column_type(kTypes[*type])});
  }
}

void read_tenant_column(const Fields& fields, DatasetDraft& draft) {
  const Value at = fields.at("tenant_column");
  draft.has_tenant = at.present();
  const auto name = fields.text("tenant_column", Need::optional);
  if (!name) return;
  draft.tenant_name = *name;
  const auto column = draft.dataset.find_column(*name);
  if (!column) {
    if (!draft.schema_complete) return;
    std::vector<std::string> names;
    for (const Column& each : draft.dataset.schema) names.push_back(each.name);
    at.report("unknown_column", "the schema has no column " + at.source->quote(*name),
              hint_for(*name, names, "columns"));
    return;
  }
  const ColumnType type = draft.dataset.schema[*column].type;
  if (type != ColumnType::varchar && type != ColumnType::integer && type != ColumnType::bigint) {
    at.report("invalid_value", "a tenant column cannot be " + std::string(name_of(type)),
              "it must be VARCHAR, INTEGER or BIGINT");
    return;
  }
  draft.dataset.tenant_column = *column;
}

std::optional<std::string> read_snapshot_id(const Value& at) {
  auto id = as_text(at);
  if (!id || is_snapshot_id(*id)) return id;
  at.report("invalid_value", at.source->quote(*id) + " cannot be a snapshot id",
            "1 to 200 letters, digits, and `:` `_` `.` `-`");
  return std::nullopt;
}

void read_snapshots(const Fields& fields, Dataset& dataset) {
  if (const Value at = fields.at("pin_snapshot"); at.present()) {
    dataset.pin_snapshot = read_snapshot_id(at).value_or("");
  }
  for (const Value& item : fields.list("skip_snapshots", Need::optional)) {
    if (auto id = read_snapshot_id(item)) dataset.skip_snapshots.push_back(std::move(*id));
  }
  const auto& skipped = dataset.skip_snapshots;
  if (!dataset.pin_snapshot.empty() &&
      std::find(skipped.begin(), skipped.end(), dataset.pin_snapshot) != skipped.end()) {
    fields.at("pin_snapshot").report("invalid_value", "the pinned snapshot is also one to skip");
  }
}

// A location may be a signed URL, so no finding repeats it.
std::optional<StaticManifest> read_manifest(const Fields& fields, const ProjectDraft& project,
                                            const ProjectFiles& files) {
  const auto text = fields.text("manifest", Need::required);
  if (!text) return std::nullopt;
  const Value at = fields.at("manifest");
  if (text->find("://") != std::string::npos) {
    const auto origin = origin_of_url(*text);
    const auto& allowed = project.allowed_origins;
    if (!origin) {
      at.report("invalid_value", "is not a URL that a manifest can have",
                "write a path in the project, or an `s3://`, `gs://` or `https://` URL");
      return std::nullopt;
    }
    if (origin->starts_with("http://") &&
        std::find(allowed.begin(), allowed.end(), *origin) == allowed.end()) {
      at.report("invalid_value", "plain http is read only from a listed origin",
                "use https, or list `" + *origin + "` under `allowed_origins`");
      return std::nullopt;
    }
    return StaticManifest{*text};
  }
  const auto path = safe_path(*text);
  if (!path || *path == "." || files.leaves_project(*path)) {
    at.report("unsafe_path", "leads out of the project", "write it relative to offloader.yml, without `..`");
    return std::nullopt;
  }
  return StaticManifest{*path};
}

bool is_bucket(std::string_view text) {
  if (const std::size_t colon = text.find("://"); colon != std::string_view::npos) {
    const auto origin = normalize_origin(text);
    return origin && text.back() != '/' && (origin->starts_with("s3://") || origin->starts_with("gs://"));
  }
  return normalize_origin("gs://" + std::string(text)).has_value() && text.back() != '/';
}

std::optional<DatabricksSource> read_source(const Fields& fields) {
  const Fields source(fields.get("source", Need::required), kSourceFields);
  if (!source.readable()) return std::nullopt;
  DatabricksSource read;
  const auto type = source.choice("type", Need::required, kSourceTypes);
  const auto bucket = source.text("bucket", Need::required);
  const auto prefix = source.text("prefix", Need::required);
  if (const auto seconds =
          source.integer("interval_seconds", Need::optional, 1, std::numeric_limits<int>::max())) {
    read.interval_seconds = static_cast<int>(*seconds);
  }
  if (bucket && !is_bucket(*bucket)) {
    source.at("bucket").report("invalid_value", "is not a bucket",
                               "write `name`, `gs://name` or `s3://name`");
  }
  if (prefix && prefix->front() == '/') {
    source.at("prefix").report("invalid_value", "a prefix does not begin with `/`");
  }
  if (!type || !bucket || !prefix) return std::nullopt;
  read.bucket = *bucket;
  read.prefix = prefix->back() == '/' ? *prefix : *prefix + "/";
  return read;
}

void read_origin(const Fields& fields, const ProjectDraft& project, const ProjectFiles& files,
                 Dataset& dataset) {
  const bool manifest = fields.at("manifest").present();
  const bool source = fields.at("source").present();
  if (manifest && source) {
    const Value& first = fields.at("manifest");
    const Value& second = fields.at("source");
    (first.line > second.line ? first : second)
        .report("conflicting_origin", "a dataset has a `manifest` or a `source`, not both",
                "remove one of them");
  }
  if (!manifest && !source) {
    fields.at("manifest").report("missing", "a dataset needs a `manifest` or a `source`");
  }
  if (manifest) {
    if (auto read = read_manifest(fields, project, files)) dataset.origin = std::move(*read);
  }
  if (source) {
    if (auto read = read_source(fields)) dataset.origin = std::move(*read);
  }
}

}  // namespace

void read_dataset(const Value& root, const ProjectDraft& project, const ProjectFiles& files,
                  DatasetDrafts& datasets, Defined& defined) {
  const Fields fields(root, kFields);
  if (!fields.readable()) return;
  DatasetDraft draft;
  Dataset& dataset = draft.dataset;
  const auto id = read_identifier(fields, "id");
  dataset.description = fields.text("description", Need::optional).value_or("");
  read_schema(fields, draft);
  read_tenant_column(fields, draft);
  read_snapshots(fields, dataset);
  read_origin(fields, project, files, dataset);
  if (!id) return;
  if (const auto first = define(defined, *id, fields.at("id"))) {
    fields.at("id").report("duplicate_dataset", "the dataset `" + *id + "` is already defined in " + *first);
    return;
  }
  dataset.id = *id;
  datasets.emplace(*id, std::move(draft));
}

}  // namespace offloader::catalog
