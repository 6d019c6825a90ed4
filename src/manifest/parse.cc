#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "json_tree.h"
#include "offloader/base/identifier.h"
#include "offloader/base/timestamp.h"
#include "offloader/manifest/manifest.h"

namespace offloader::manifest {
namespace {

constexpr int kMaxDepth = 32;

const std::vector<std::string> kFields = {
    "dataset_id", "snapshot_id",       "created_at",     "watermark",           "schema",
    "files",      "partition_columns", "sort_columns",   "row_count",           "size_bytes",
    "producer",   "upstream_run_id",   "schema_version", "data_quality_status", "compatibility_policy"};

const char* name_of(JsonNode::Kind kind) {
  switch (kind) {
    case JsonNode::Kind::null:
      return "null";
    case JsonNode::Kind::boolean:
      return "a boolean";
    case JsonNode::Kind::integer:
      return "an integer";
    case JsonNode::Kind::number:
      return "a number";
    case JsonNode::Kind::string:
      return "a string";
    case JsonNode::Kind::array:
      return "a list";
    case JsonNode::Kind::object:
      return "an object";
  }
  return "";
}

// Reads the fields of one manifest and collects what is wrong with them.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  Manifest read(const JsonNode& root) {
    root_ = &root;
    Manifest out;
    if (const auto* node = require(root, "dataset_id", JsonNode::Kind::string)) {
      out.dataset_id = node->text;
      if (!is_identifier(node->text)) {
        add(*node, "dataset_id", "unsafe_identifier", "a dataset id matches [a-z][a-z0-9_]{0,62}",
            "use the dataset's id in the project");
      }
    }
    if (const auto* node = require(root, "snapshot_id", JsonNode::Kind::string)) {
      out.snapshot_id = node->text;
      if (!is_snapshot_id(node->text)) {
        add(*node, "snapshot_id", "invalid_snapshot_id", "a snapshot id is 1 to 200 of A-Z a-z 0-9 : _ . -",
            "name it after the run, such as 2026-01-31T00:00:00Z");
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
        add(*node, "data_quality_status", "invalid_value", "data_quality_status is passed, warning or failed",
            near(node->text, {"passed", "warning", "failed"}));
    }
    if (const auto* node = require(root, "compatibility_policy", JsonNode::Kind::string)) {
      if (node->text == "additive_only")
        out.compatibility = Compatibility::additive_only;
      else if (node->text == "exact")
        out.compatibility = Compatibility::exact;
      else
        add(*node, "compatibility_policy", "invalid_compatibility_policy",
            "compatibility_policy is additive_only or exact", near(node->text, {"additive_only", "exact"}));
    }
    return out;
  }

  void add(int line, std::string path, std::string code, std::string message, std::string hint) {
    findings_.push_back({file_, line, std::move(path), std::move(code), std::move(message), std::move(hint),
                         catalog::Severity::error});
  }

  catalog::Findings take() {
    catalog::sort_findings(findings_);
    return std::move(findings_);
  }

 private:
  void add(const JsonNode& node, std::string path, std::string code, std::string message, std::string hint) {
    add(node.line, std::move(path), std::move(code), std::move(message), std::move(hint));
  }

  static std::string near(const std::string& text, const std::vector<std::string>& known) {
    const auto match = nearest_match(text, known);
    return match ? "did you mean " + *match + "?" : "";
  }

  // The member, when it is there and of the kind.
  const JsonNode* require(const JsonNode& object, const std::string& name, JsonNode::Kind kind,
                          const std::string& prefix = "") {
    const std::string path = prefix + name;
    const JsonNode* node = object.find(name);
    if (node == nullptr) {
      std::string hint = "add it";
      // A member that nobody knows and that is near this one is most likely the one meant.
      for (const auto& [other, value] : object.members) {
        const bool known = std::find(kFields.begin(), kFields.end(), other) != kFields.end();
        if (!known && nearest_match(other, std::vector<std::string>{name}))
          hint = "did you mean it by " + (is_column_name(other) ? other : "the field beside it") + "?";
      }
      add(object.line, path, "missing", path + " is required", hint);
      return nullptr;
    }
    return of_kind(*node, path, kind) ? node : nullptr;
  }

  bool of_kind(const JsonNode& node, const std::string& path, JsonNode::Kind kind) {
    if (node.kind == kind) return true;
    if (node.kind == JsonNode::Kind::null) {
      add(node, path, "missing", path + " is required and may not be null", "give it a value");
    } else {
      add(node, path, "invalid_type",
          fmt::format("{} must be {}, not {}", path, name_of(kind), name_of(node.kind)), "");
    }
    return false;
  }

  void read_time(const JsonNode& root, const std::string& name, std::string& text, SystemTime& time) {
    const auto* node = require(root, name, JsonNode::Kind::string);
    if (node == nullptr) return;
    text = node->text;
    if (const auto parsed = parse_iso8601(node->text)) {
      time = *parsed;
    } else {
      add(*node, name, "invalid_timestamp", name + " must be ISO 8601 with an offset",
          "such as 2026-01-31T00:00:00Z");
    }
  }

  std::string read_text(const JsonNode& root, const std::string& name) {
    const auto* node = require(root, name, JsonNode::Kind::string);
    if (node == nullptr) return {};
    if (node->text.empty()) add(*node, name, "invalid_value", name + " may not be empty", "");
    return node->text;
  }

  std::optional<std::int64_t> read_count(const JsonNode& object, const std::string& name, std::int64_t least,
                                         const std::string& prefix = "") {
    const auto* node = require(object, name, JsonNode::Kind::integer, prefix);
    if (node == nullptr) return std::nullopt;
    if (node->integer < least) {
      add(*node, prefix + name, "invalid_value", fmt::format("{}{} must be at least {}", prefix, name, least),
          "");
      return std::nullopt;
    }
    return node->integer;
  }

  std::optional<std::int64_t> read_optional_count(const JsonNode& object, const std::string& name,
                                                  const std::string& prefix) {
    const JsonNode* node = object.find(name);
    if (node == nullptr || node->kind == JsonNode::Kind::null) return std::nullopt;
    return read_count(object, name, 0, prefix);
  }

  void read_schema(const JsonNode& root, Manifest& out) {
    const auto* list = require(root, "schema", JsonNode::Kind::array);
    if (list == nullptr) return;
    if (list->items.empty()) add(*list, "schema", "invalid_value", "schema may not be empty", "");
    std::set<std::string> names;
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const JsonNode& item = list->items[i];
      const std::string path = fmt::format("schema[{}]", i);
      if (!of_kind(item, path, JsonNode::Kind::object)) continue;
      const auto* name = require(item, "name", JsonNode::Kind::string, path + ".");
      const auto* type = require(item, "type", JsonNode::Kind::string, path + ".");
      if (name != nullptr && !is_column_name(name->text)) {
        add(*name, path + ".name", "unsafe_identifier", "a column name matches [A-Za-z0-9_]{1,63}",
            "rename the column");
      } else if (name != nullptr && !names.insert(lower(name->text)).second) {
        add(*name, path + ".name", "duplicate_column", fmt::format("column {} is there twice", name->text),
            "names that differ only in case count as one");
      }
      std::optional<catalog::ColumnType> parsed;
      if (type != nullptr) {
        parsed = catalog::parse_column_type(type->text);
        if (!parsed) {
          add(*type, path + ".type", "unsupported_type",
              "types are DATE TIMESTAMP VARCHAR INTEGER BIGINT DOUBLE BOOLEAN JSON",
              near(type->text,
                   {"DATE", "TIMESTAMP", "VARCHAR", "INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "JSON"}));
        }
      }
      if (name != nullptr) out.schema.push_back({name->text, parsed.value_or(catalog::ColumnType::varchar)});
    }
  }

  void read_files(const JsonNode& root, Manifest& out) {
    const auto* list = require(root, "files", JsonNode::Kind::array);
    if (list == nullptr) return;
    if (list->items.empty())
      add(*list, "files", "invalid_value", "files may not be empty", "name at least one file");
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const JsonNode& item = list->items[i];
      const std::string path = fmt::format("files[{}]", i);
      if (!of_kind(item, path, JsonNode::Kind::object)) continue;
      DataFile file;
      if (const auto* node = require(item, "path", JsonNode::Kind::string, path + ".")) {
        file.path = node->text;
        if (file.path.empty()) add(*node, path + ".path", "invalid_value", "a path may not be empty", "");
      }
      if (const auto* node = require(item, "format", JsonNode::Kind::string, path + ".")) {
        if (node->text == "csv")
          file.format = FileFormat::csv;
        else if (node->text == "parquet")
          file.format = FileFormat::parquet;
        else
          add(*node, path + ".format", "invalid_value", "format is csv or parquet",
              near(node->text, {"csv", "parquet"}));
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
    std::vector<std::string> known;
    for (const catalog::Column& column : schema) known.push_back(column.name);
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const JsonNode& item = list->items[i];
      const std::string path = fmt::format("{}[{}]", name, i);
      if (!of_kind(item, path, JsonNode::Kind::string)) continue;
      if (std::find(known.begin(), known.end(), item.text) == known.end()) {
        add(item, path, "unknown_column", name + " names a column that schema does not have",
            near(item.text, known));
      }
      out.push_back(item.text);
    }
    return out;
  }

  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  }

  std::string file_;
  const JsonNode* root_ = nullptr;
  catalog::Findings findings_;
};

}  // namespace

ParsedManifest parse_manifest(std::string_view json, const std::string& file) {
  Reader reader(file);
  ParsedManifest out;
  if (json.size() > kMaxManifestBytes) {
    reader.add(0, "", "invalid_json", "a manifest is at most 16 MiB", "split the snapshot into fewer files");
    out.findings = reader.take();
    return out;
  }
  const JsonTree tree = parse_json_tree(json, kMaxDepth);
  if (!tree.error.empty()) {
    reader.add(tree.error_line, "", "invalid_json", tree.error,
               "write the manifest with a JSON library, and publish it by rename");
    out.findings = reader.take();
    return out;
  }
  for (const auto& [path, line] : tree.duplicate_keys) {
    reader.add(line, path, "duplicate_key", "the key is there twice", "keep one of them");
  }
  if (tree.root.kind != JsonNode::Kind::object) {
    reader.add(tree.root.line, "", "invalid_type", "a manifest is a JSON object", "");
    out.findings = reader.take();
    return out;
  }
  Manifest manifest = reader.read(tree.root);
  out.findings = reader.take();
  if (!catalog::has_errors(out.findings)) out.manifest = std::move(manifest);
  return out;
}

}  // namespace offloader::manifest
