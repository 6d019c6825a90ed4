#include <algorithm>
#include <array>
#include <limits>

#include "drafts.h"
#include "offloader/base/ascii.h"
#include "offloader/base/dot_segments.h"
#include "offloader/base/identifier.h"
#include "offloader/base/url.h"
#include "offloader/catalog/origin.h"

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 8> kFields = {
    "id", "description", "schema", "tenant_column", "pin_snapshot", "skip_snapshots", "manifest", "source"};
constexpr std::array<std::string_view, 3> kColumnFields = {"name", "type", "from"};
constexpr std::array<std::string_view, 4> kSourceFields = {"type", "bucket", "prefix", "interval_seconds"};
constexpr std::array<std::string_view, 1> kSourceTypes = {"databricks"};

std::optional<SizedType> read_type(const Fields& column) {
  const Value at = column.get("type", Need::required);
  if (!at.present()) return std::nullopt;
  const auto text = as_text(at);
  if (!text) return std::nullopt;
  auto type = parse_column_type(*text);
  if (!type) {
    at.report("unsupported_type", "unknown type " + at.source->quote(*text), [&] {
      std::string hint = decimal_hint(*text);
      return hint.empty() ? hint_for_words(*text, kTypeSpellings) : hint;
    });
  }
  return type;
}

void read_schema(const Fields& fields, DatasetDraft& draft) {
  std::map<std::string, std::string> names;  // lower case → as written
  const std::vector<Value> items = fields.list("schema", Need::required);
  draft.schema_complete = !items.empty();
  for (const Value& item : items) {
    const Fields column(item, kColumnFields);
    if (!column.readable()) {
      draft.schema_complete = false;
      continue;
    }
    const auto name = read_column_name(column, "name");
    const auto type = read_type(column);
    if (!name || !type) draft.schema_complete = false;
    if (!name) continue;
    const auto [first, inserted] = names.emplace(ascii::to_lower(*name), *name);
    if (!inserted) {
      column.at("name").report("duplicate_column",
                               first->second == *name
                                   ? "column " + item.source->quote(*name) + " is declared twice"
                                   : "columns " + item.source->quote(*name) + " and " +
                                         item.source->quote(first->second) + " differ only in case",
                               "remove one of them: column names are case-insensitive");
      continue;
    }
    if (!type) continue;
    draft.columns.emplace(*name, draft.dataset.schema.size());
    draft.dataset.schema.push_back({*name, *type, column.text("from", Need::optional).value_or("")});
  }
}

void read_tenant_column(const Fields& fields, DatasetDraft& draft) {
  const Value at = fields.at("tenant_column");
  const Value written = fields.written("tenant_column");
  draft.has_tenant = written.present();
  // Unlike other optional fields, this must not be empty: a template that fills in nothing would otherwise
  // serve every tenant's rows to everyone.
  if (written.present() && !at.present()) {
    written.report("invalid_value", "`tenant_column` is empty", "name the column, or remove the field");
  }
  const auto name = fields.text("tenant_column", Need::optional);
  if (!name) return;
  draft.tenant_name = *name;
  const auto column = draft.find_column(*name);
  if (!column) {
    if (!draft.schema_complete) return;
    at.report("unknown_column", "the schema has no column " + at.source->quote(*name),
              [&] { return hint_for(*name, names_of_columns(draft), "columns"); });
    return;
  }
  const SizedType type = draft.dataset.schema[*column].type;
  if (!kTenantTypes.contains(type)) {
    at.report("invalid_value", "the tenant column " + at.source->quote(*name) + " is " + name_of(type),
              "a tenant column must be " + names_of(kTenantTypes, " or "));
    return;
  }
  draft.dataset.tenant_column = *column;
}

std::optional<std::string> read_snapshot_id(const Value& at) {
  auto id = as_text(at);
  if (!id || is_snapshot_id(*id)) return id;
  at.report("invalid_value", "the snapshot id " + at.source->quote(*id) + " is not allowed",
            "use 1 to 200 letters, digits, and : _ . -");
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
    fields.at("pin_snapshot")
        .report("invalid_value", "the pinned snapshot is also in `skip_snapshots`",
                "remove it from one of them");
  }
}

// The location may be a presigned URL, so no finding repeats it.
std::optional<StaticManifest> read_manifest(const Fields& fields, const ProjectDraft& project,
                                            const ProjectFiles& files) {
  const auto text = fields.text("manifest", Need::required);
  if (!text) return std::nullopt;
  const Value at = fields.at("manifest");
  if (looks_like_url(*text)) {
    const auto origin = origin_of_url(*text);
    if (!origin) {
      at.report("invalid_value", "the manifest URL is not valid",
                "write a path in the project, or an s3://, gs:// or https:// URL");
      return std::nullopt;
    }
    if (has_dot_segments(parse_url(*text)->path)) {
      at.report("unsafe_path", "the URL has a `.` or `..` segment", "write the URL without it");
      return std::nullopt;
    }
    if (origin->starts_with("http://") && !project.is_allowed(*origin)) {
      at.report("invalid_value", "http:// is allowed only for the origins in `allowed_origins`",
                "use https://, or add \"" + *origin + "\" to `allowed_origins`");
      return std::nullopt;
    }
    return StaticManifest{*text};
  }
  const auto path = safe_path(*text);
  if (!path || *path == "." || files.leaves_project(*path)) {
    at.report("unsafe_path", "the path leaves the project",
              "write it relative to offloader.yml, without \"..\"");
    return std::nullopt;
  }
  return StaticManifest{*path};
}

bool is_bucket(std::string_view text) {
  if (looks_like_url(text)) {
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
    source.at("bucket").report("invalid_value", "the bucket name is not valid",
                               "write NAME, gs://NAME or s3://NAME");
  }
  if (prefix && prefix->front() == '/') {
    source.at("prefix").report("invalid_value", "the prefix begins with \"/\"", "remove the leading \"/\"");
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
        .report("conflicting_origin", "the dataset has both a `manifest` and a `source`",
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

std::optional<std::size_t> DatasetDraft::find_column(std::string_view name) const {
  const auto found = columns.find(name);
  return found == columns.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> names_of_columns(const DatasetDraft& draft) {
  std::vector<std::string> names;
  for (const Column& each : draft.dataset.schema) names.push_back(each.name);
  return names;
}

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
    fields.at("id").report("duplicate_dataset", "dataset \"" + *id + "\" is already defined in " + *first,
                           "give one of them another id");
    return;
  }
  dataset.id = *id;
  draft.file = root.source->name;
  draft.manifest_line = fields.at("manifest").line;
  datasets.emplace(*id, std::move(draft));
}

}  // namespace offloader::catalog
