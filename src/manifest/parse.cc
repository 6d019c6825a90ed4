#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "csv_block.h"
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
// All but the last.
const std::vector<std::string> kRequiredFields(kFields.begin(), std::prev(kFields.end()));
const std::vector<std::string> kFileFields = {"path", "format", "row_count", "size_bytes"};
const std::vector<std::string> kRequiredFileFields = {"path", "format"};

constexpr auto kTypeWords = catalog::words_of(catalog::kColumnTypes);

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

  void add(int line, std::string path, std::string code, std::string message, std::string hint) {
    findings_.add({.file = file_,
                   .line = line,
                   .path = std::move(path),
                   .code = std::move(code),
                   .message = std::move(message),
                   .hint = std::move(hint)});
  }

  // `count` more findings like the last one, which are only counted.
  void add_uncounted(std::size_t count) {
    if (count == 0) return;
    catalog::Finding more;
    more.file = file_;
    more.omitted = count;
    findings_.add(std::move(more));
  }

  catalog::Findings take() { return findings_.take(); }

 private:
  void add(const JsonNode& node, std::string path, std::string code, std::string message, std::string hint) {
    add(node.line, std::move(path), std::move(code), std::move(message), std::move(hint));
  }

  static std::string quoted(const std::string& text) {
    constexpr std::size_t kShown = 80;
    if (text.size() <= kShown) return '"' + text + '"';
    std::size_t end = kShown;  // never in the middle of a character
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return '"' + text.substr(0, end) + "…\"";
  }

  // The beginning of a hint; empty when nothing is near.
  static std::string near(const std::string& text, const std::vector<std::string>& known) {
    const auto match = nearest_match(text, known);
    return match ? "did you mean \"" + *match + "\"? " : "";
  }

  // The member, when it is there and of the kind.
  const JsonNode* require(const JsonNode& object, const std::string& name, JsonNode::Kind kind,
                          const std::string& prefix = "") {
    const JsonNode* node = object.find(name);
    if (node != nullptr) return of_kind(*node, prefix + name, kind) ? node : nullptr;
    std::string hint = "add it";
    if (findings_.has_room(file_)) {
      // An unknown member that is near this one is most likely the one meant.
      const std::vector<std::string> wanted{name};
      for (const auto& [other, value] : object.members) {
        if (std::find(kFields.begin(), kFields.end(), other) != kFields.end()) continue;
        if (nearest_match(other, wanted)) hint = "rename " + quoted(other) + ", if it is the one";
      }
    }
    add(object.line, prefix + name, "missing", "`" + prefix + name + "` is required", hint);
    return nullptr;
  }

  bool of_kind(const JsonNode& node, const std::string& path, JsonNode::Kind kind) {
    if (node.kind == kind) return true;
    if (node.kind == JsonNode::Kind::null) {
      add(node, path, "missing", "`" + path + "` is required, and is null", "give it a value");
    } else {
      add(node, path, "invalid_type", fmt::format("must be {}, not {}", name_of(kind), name_of(node.kind)),
          fmt::format("write {} as {}", path, name_of(kind)));
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
      add(*node, name, "invalid_timestamp", quoted(node->text) + " is not an ISO 8601 time with an offset",
          "write it like 2026-01-31T00:00:00Z");
    }
  }

  std::string read_text(const JsonNode& root, const std::string& name) {
    const auto* node = require(root, name, JsonNode::Kind::string);
    if (node == nullptr) return {};
    if (node->text.empty()) add(*node, name, "invalid_value", "`" + name + "` is empty", "give it a value");
    return node->text;
  }

  std::optional<std::int64_t> read_count(const JsonNode& object, const std::string& name, std::int64_t least,
                                         const std::string& prefix = "") {
    const auto* node = require(object, name, JsonNode::Kind::integer, prefix);
    if (node == nullptr) return std::nullopt;
    if (node->integer < least) {
      add(*node, prefix + name, "invalid_value", fmt::format("{} is less than {}", node->integer, least),
          fmt::format("write an integer of at least {}", least));
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
    if (list->items.empty()) {
      add(*list, "schema", "invalid_value", "`schema` is empty", "name at least one column");
    }
    std::unordered_map<std::string, std::string> names;  // in lower case → as written
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const JsonNode& item = list->items[i];
      const std::string path = fmt::format("schema[{}]", i);
      if (!of_kind(item, path, JsonNode::Kind::object)) continue;
      const auto* name = require(item, "name", JsonNode::Kind::string, path + ".");
      const auto* type = require(item, "type", JsonNode::Kind::string, path + ".");
      if (name != nullptr && !is_column_name(name->text)) {
        add(*name, path + ".name", "unsafe_identifier", "column " + quoted(name->text) + " is not allowed",
            "use letters, digits and \"_\" (at most 63), and say what the files call it with `from`");
      } else if (name != nullptr) {
        const auto [first, inserted] = names.emplace(ascii::to_lower(name->text), name->text);
        if (!inserted) {
          add(*name, path + ".name", "duplicate_column",
              first->second == name->text ? "column " + quoted(name->text) + " is there twice"
                                          : "columns " + quoted(name->text) + " and " +
                                                quoted(first->second) + " differ only in case",
              "keep one of them: names that differ only in case count as one");
        }
      }
      std::optional<catalog::ColumnType> parsed;
      if (type != nullptr) {
        parsed = catalog::parse_column_type(type->text);
        if (!parsed) {
          add(*type, path + ".type", "unsupported_type", "unknown type " + quoted(type->text),
              near(type->text, {kTypeWords.begin(), kTypeWords.end()}) + "use " +
                  catalog::names_of(catalog::all_types(), " or "));
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
      add(*list, "files", "invalid_value", "`files` is empty", "name at least one file");
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
            findings_.has_room(file_) ? near_column(item.text, schema) : "");
      } else if (named.insert(item.text).second) {
        out.push_back(item.text);
      }
    }
    return out;
  }

  static std::string near_column(const std::string& text, const std::vector<catalog::Column>& schema) {
    std::vector<std::string> names;
    for (const catalog::Column& column : schema) names.push_back(column.name);
    return near(text, names) + "name a column of `schema`";
  }

  std::string file_;
  catalog::FindingList findings_;
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
    reader.add(tree.error_line, "", "invalid_json", tree.error,
               "write the manifest with a JSON library, and publish it by rename");
    out.findings = reader.take();
    return out;
  }
  for (const auto& [path, line] : tree.duplicate_keys) {
    reader.add(line, path, "duplicate_key", "the key is there twice", "keep one of them");
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
