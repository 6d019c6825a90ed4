#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "csv_block.h"
#include "field_reader.h"
#include "json_tree.h"
#include "offloader/base/ascii.h"
#include "offloader/base/identifier.h"
#include "offloader/base/timestamp.h"
#include "offloader/manifest/manifest.h"

namespace offloader::manifest {
namespace {

const std::vector<std::string> kFields = {
    "dataset_id", "snapshot_id",       "created_at",     "watermark",           "schema",
    "files",      "partition_columns", "sort_columns",   "row_count",           "size_bytes",
    "producer",   "upstream_run_id",   "schema_version", "data_quality_status", "compatibility_policy",
    "csv"};
// All except the last, `csv`.
const std::vector<std::string> kRequiredFields(kFields.begin(), std::prev(kFields.end()));
const std::vector<std::string> kFileFields = {"path", "format", "row_count", "size_bytes"};
const std::vector<std::string> kRequiredFileFields = {"path", "format"};

// Reads the fields of one manifest.
class Reader final : public FieldReader {
 public:
  explicit Reader(std::string file) : FieldReader(std::move(file), kFields) {}

  Manifest read(const JsonNode& root) {
    Manifest out;
    if (const auto* node = require(root, "dataset_id", JsonNode::Kind::string)) {
      out.dataset_id = node->text;
      if (!is_identifier(node->text)) {
        add(*node, "dataset_id", "unsafe_identifier",
            "the dataset id " + quoted(node->text) + " is not allowed",
            "use the dataset's id in the project");
      }
    }
    if (const auto* node = require(root, "snapshot_id", JsonNode::Kind::string)) {
      out.snapshot_id = node->text;
      if (!is_snapshot_id(node->text)) {
        add(*node, "snapshot_id", "invalid_snapshot_id",
            "the snapshot id " + quoted(node->text) + " is not allowed",
            "use 1 to 200 of A-Z a-z 0-9 : _ . -, for example 2026-01-31T00:00:00Z");
      }
    }
    read_time(root, "created_at", out.created_at, out.created_time);
    read_time(root, "watermark", out.watermark, out.watermark_time);
    read_schema(root, out);
    read_files(root, out);
    out.partition_columns = read_columns(root, "partition_columns", out.schema);
    out.sort_columns = read_columns(root, "sort_columns", out.schema);
    if (const auto count = read_count(root, "row_count", 0)) out.row_count = *count;
    out.size_bytes = read_count(root, "size_bytes", 0).value_or(0);
    out.producer = read_text(root, "producer");
    out.upstream_run_id = read_text(root, "upstream_run_id");
    out.schema_version = read_count(root, "schema_version", 1).value_or(1);
    if (const auto* node = require(root, "data_quality_status", JsonNode::Kind::string)) {
      if (node->text == "passed")
        out.data_quality = DataQuality::passed;
      else if (node->text == "warning")
        out.data_quality = DataQuality::warning;
      else if (node->text == "failed")
        out.data_quality = DataQuality::failed;
      else
        add(*node, "data_quality_status", "invalid_value", "unknown status " + quoted(node->text),
            near(node->text, {"passed", "warning", "failed"}) + "use passed, warning or failed");
    }
    if (const auto* node = require(root, "compatibility_policy", JsonNode::Kind::string)) {
      if (node->text == "additive_only")
        out.compatibility = Compatibility::additive_only;
      else if (node->text == "exact")
        out.compatibility = Compatibility::exact;
      else
        add(*node, "compatibility_policy", "invalid_compatibility_policy",
            "unknown policy " + quoted(node->text),
            near(node->text, {"additive_only", "exact"}) + "use additive_only or exact");
    }
    if (const auto* node = root.find("csv"); node != nullptr && node->kind != JsonNode::Kind::null) {
      if (of_kind(*node, "csv", JsonNode::Kind::object)) {
        out.csv = read_csv_block(*node, [&](const JsonNode& at, std::string path, std::string code,
                                            std::string message, std::string hint) {
          add(at, std::move(path), std::move(code), std::move(message), std::move(hint));
        });
      }
    }
    return out;
  }

 private:
  void read_time(const JsonNode& root, const std::string& name, std::string& text, SystemTime& time) {
    const auto* node = require(root, name, JsonNode::Kind::string);
    if (node == nullptr) return;
    text = node->text;
    if (const auto parsed = parse_iso8601(node->text)) {
      time = *parsed;
    } else {
      add(*node, name, "invalid_timestamp", quoted(node->text) + " is not an ISO 8601 time with an offset",
          "write it like 2026-01-31T00:00:00Z");
    }
  }

  void read_schema(const JsonNode& root, Manifest& out) {
    const auto* list = require(root, "schema", JsonNode::Kind::array);
    if (list == nullptr) return;
    if (list->items.empty()) {
      add(*list, "schema", "invalid_value", "`schema` is empty", "list at least one column");
    }
    std::unordered_map<std::string, std::string> names;  // lower case → as written
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const JsonNode& item = list->items[i];
      const std::string path = fmt::format("schema[{}]", i);
      if (!of_kind(item, path, JsonNode::Kind::object)) continue;
      const auto* name = require(item, "name", JsonNode::Kind::string, path + ".");
      const auto* type = require(item, "type", JsonNode::Kind::string, path + ".");
      if (name != nullptr && !is_column_name(name->text)) {
        add(*name, path + ".name", "unsafe_identifier", "column " + quoted(name->text) + " is not allowed",
            "use letters, digits and \"_\" (at most 63), and give the column name in the files with `from`");
      } else if (name != nullptr) {
        const auto [first, inserted] = names.emplace(ascii::to_lower(name->text), name->text);
        if (!inserted) {
          add(*name, path + ".name", "duplicate_column",
              first->second == name->text ? "column " + quoted(name->text) + " is declared twice"
                                          : "columns " + quoted(name->text) + " and " +
                                                quoted(first->second) + " differ only in case",
              "remove one of them: column names are case-insensitive");
        }
      }
      std::optional<catalog::SizedType> parsed;
      if (type != nullptr) {
        parsed = catalog::parse_column_type(type->text);
        if (!parsed) {
          std::string hint = catalog::decimal_hint(type->text);
          if (hint.empty()) hint = type_hint(type->text);
          add(*type, path + ".type", "unsupported_type", "unknown type " + quoted(type->text),
              std::move(hint));
        }
      }
      std::string from;
      if (const auto* node = item.find("from"); node != nullptr && node->kind != JsonNode::Kind::null) {
        if (of_kind(*node, path + ".from", JsonNode::Kind::string)) from = node->text;
      }
      if (name != nullptr) {
        out.schema.push_back({name->text, parsed.value_or(catalog::ColumnType::varchar), std::move(from)});
      }
    }
  }

  void read_files(const JsonNode& root, Manifest& out) {
    const auto* list = require(root, "files", JsonNode::Kind::array);
    if (list == nullptr) return;
    if (list->items.empty())
      add(*list, "files", "invalid_value", "`files` is empty", "list at least one file");
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const JsonNode& item = list->items[i];
      const std::string path = fmt::format("files[{}]", i);
      if (!of_kind(item, path, JsonNode::Kind::object)) continue;
      DataFile file;
      if (const auto* node = require(item, "path", JsonNode::Kind::string, path + ".")) {
        file.path = node->text;
        if (file.path.empty())
          add(*node, path + ".path", "invalid_value", "the path is empty", "name a file");
      }
      if (const auto* node = require(item, "format", JsonNode::Kind::string, path + ".")) {
        if (node->text == "csv")
          file.format = FileFormat::csv;
        else if (node->text == "parquet")
          file.format = FileFormat::parquet;
        else
          add(*node, path + ".format", "invalid_value", "unknown format " + quoted(node->text),
              "use csv or parquet");
      }
      file.row_count = read_optional_count(item, "row_count", path + ".");
      file.size_bytes = read_optional_count(item, "size_bytes", path + ".");
      out.files.push_back(std::move(file));
    }
  }

  std::vector<std::string> read_columns(const JsonNode& root, const std::string& name,
                                        const std::vector<catalog::Column>& schema) {
    std::vector<std::string> out;
    const auto* list = require(root, name, JsonNode::Kind::array);
    if (list == nullptr) return out;
    std::unordered_set<std::string_view> known;
    for (const catalog::Column& column : schema) known.insert(column.name);
    std::unordered_set<std::string_view> named;
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const JsonNode& item = list->items[i];
      const std::string path = fmt::format("{}[{}]", name, i);
      if (!of_kind(item, path, JsonNode::Kind::string)) continue;
      if (!known.contains(item.text)) {
        add(item, path, "unknown_column", "`schema` has no column " + quoted(item.text),
            has_room() ? near_column(item.text, schema) : "");
      } else if (named.insert(item.text).second) {
        out.push_back(item.text);
      }
    }
    return out;
  }

  static std::string type_hint(const std::string& text) {
    const std::vector<std::string> words(catalog::kTypeSpellings.begin(), catalog::kTypeSpellings.end());
    std::string list;
    for (std::size_t i = 0; i < words.size(); ++i)
      list += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
    return near(text, words) + "use " + list;
  }

  static std::string near_column(const std::string& text, const std::vector<catalog::Column>& schema) {
    std::vector<std::string> names;
    for (const catalog::Column& column : schema) names.push_back(column.name);
    return near(text, names) + "name a column of `schema`";
  }
};

}  // namespace

ParsedManifest parse_manifest(std::string_view json, const std::string& file, const CancelFlag* cancel) {
  Reader reader(file);
  ParsedManifest out;
  if (json.size() > kMaxManifestBytes) {
    reader.add(0, "", "invalid_json", "the manifest is larger than 16 MiB",
               "split the snapshot into fewer, larger files");
    out.findings = reader.take();
    return out;
  }
  const JsonTree tree = parse_json_tree(json,
                                        {.root = {.wanted = kFields, .required = kRequiredFields},
                                         .list = "files",
                                         .items = {.wanted = kFileFields, .required = kRequiredFileFields}},
                                        cancel);
  if (tree.cancelled) {
    out.cancelled = true;
    return out;
  }
  if (!tree.error.empty()) {
    reader.add(tree.error_line, "", "invalid_json", "the manifest " + tree.error,
               "write the manifest with a JSON library, and publish it by rename");
    out.findings = reader.take();
    return out;
  }
  for (const auto& [path, line] : tree.duplicate_keys) {
    reader.add(line, path, "duplicate_key", "the key appears twice", "keep one of them");
  }
  reader.add_uncounted(tree.duplicates - tree.duplicate_keys.size());
  if (tree.root.kind != JsonNode::Kind::object) {
    reader.add(tree.root.line, "", "invalid_type", "a manifest must be a JSON object", "");
    out.findings = reader.take();
    return out;
  }
  Manifest manifest = reader.read(tree.root);
  out.findings = reader.take();
  if (!catalog::has_errors(out.findings)) out.manifest = std::move(manifest);
  return out;
}

}  // namespace offloader::manifest
