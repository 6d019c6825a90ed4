#include "field_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "offloader/base/identifier.h"
#include "offloader/base/utf8.h"

namespace offloader::manifest {
namespace {

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

}  // namespace

void FieldReader::add(int line, std::string path, std::string code, std::string message, std::string hint) {
  findings_.add({.file = file_,
                 .line = line,
                 .path = std::move(path),
                 .code = std::move(code),
                 .message = std::move(message),
                 .hint = std::move(hint)});
}

void FieldReader::add_uncounted(std::size_t count) {
  if (count == 0) return;
  catalog::Finding more;
  more.file = file_;
  more.omitted = count;
  findings_.add(std::move(more));
}

const JsonNode* FieldReader::require(const JsonNode& object, const std::string& name, JsonNode::Kind kind,
                                     const std::string& prefix) {
  const JsonNode* node = object.find(name);
  if (node != nullptr) return of_kind(*node, prefix + name, kind) ? node : nullptr;
  std::string hint = "add it";
  if (has_room()) {
    // An unknown member with a similar name is most likely a misspelling of this one.
    const std::vector<std::string> wanted{name};
    for (const auto& [other, value] : object.members) {
      if (std::ranges::find(known_, other) != known_.end()) continue;
      if (nearest_match(other, wanted)) hint = "rename " + quoted(other) + " if you meant this field";
    }
  }
  add(object.line, prefix + name, "missing", "`" + prefix + name + "` is required", hint);
  return nullptr;
}

bool FieldReader::of_kind(const JsonNode& node, const std::string& path, JsonNode::Kind kind) {
  if (node.kind == kind) return true;
  if (node.kind == JsonNode::Kind::null) {
    add(node, path, "missing", "`" + path + "` is required, but is null", "give it a value");
  } else {
    add(node, path, "invalid_type", fmt::format("must be {}, not {}", name_of(kind), name_of(node.kind)),
        fmt::format("write {} as {}", path, name_of(kind)));
  }
  return false;
}

std::string FieldReader::read_text(const JsonNode& object, const std::string& name) {
  const auto* node = require(object, name, JsonNode::Kind::string);
  if (node == nullptr) return {};
  if (node->text.empty()) add(*node, name, "invalid_value", "`" + name + "` is empty", "give it a value");
  return node->text;
}

std::optional<std::int64_t> FieldReader::read_count(const JsonNode& object, const std::string& name,
                                                    std::int64_t least, const std::string& prefix) {
  const auto* node = require(object, name, JsonNode::Kind::integer, prefix);
  if (node == nullptr) return std::nullopt;
  if (node->integer < least) {
    add(*node, prefix + name, "invalid_value", fmt::format("{} is less than {}", node->integer, least),
        fmt::format("write an integer of at least {}", least));
    return std::nullopt;
  }
  return node->integer;
}

std::optional<std::int64_t> FieldReader::read_optional_count(const JsonNode& object, const std::string& name,
                                                             const std::string& prefix) {
  const JsonNode* node = object.find(name);
  if (node == nullptr || node->kind == JsonNode::Kind::null) return std::nullopt;
  return read_count(object, name, 0, prefix);
}

std::string FieldReader::quoted(const std::string& text) {
  constexpr std::size_t kShown = 80;
  return '"' + shortened(text, kShown) + '"';
}

std::string FieldReader::near(const std::string& text, const std::vector<std::string>& known) {
  const auto match = nearest_match(text, known);
  return match ? "did you mean \"" + *match + "\"? " : "";
}

}  // namespace offloader::manifest
