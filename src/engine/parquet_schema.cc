#include "parquet_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "thrift_compact.h"

namespace offloader::engine {
namespace {

constexpr int kDeepest = 64;
// Numbers of parquet.thrift.
constexpr std::int64_t kByteArray = 6;      // Type
constexpr std::int64_t kRepeated = 2;       // FieldRepetitionType
constexpr std::int64_t kConvertedList = 3;  // ConvertedType
constexpr std::int64_t kLogicalVariant = 16;

// Appends the leaves below the element at `next`. False where the list ends before they do.
bool append_leaves(const ParquetSchema& schema, std::size_t& next, SchemaLeaf above, int depth,
                   std::vector<SchemaLeaf>& leaves) {
  if (next >= schema.size() || depth > kDeepest) return false;
  const auto& element = schema[next++];
  above.optional = above.optional || element.repetition != 0;
  above.repeated = above.repeated || element.repetition == kRepeated;
  if (element.children <= 0) {
    leaves.push_back(above);
    return true;
  }
  for (std::int64_t child = 0; child < element.children; ++child) {
    if (!append_leaves(schema, next, above, depth + 1, leaves)) return false;
  }
  return true;
}

// Follows the parts of a VARIANT. https://github.com/apache/parquet-format/blob/master/VariantShredding.md
class VariantCheck {
 public:
  explicit VariantCheck(const ParquetSchema& schema) : schema_(schema) {}

  // The part of the element at `at`, or of a VARIANT below it, that is not as it should be. Moves `at` behind
  // the element.
  std::optional<std::string> find(std::size_t& at, int depth = 0) {
    if (at >= schema_.size() || depth > kDeepest) return std::nullopt;  // refused as malformed
    const auto& element = schema_[at];
    if (element.logical == kLogicalVariant) return variant(at);
    ++at;
    for (std::int64_t child = 0; child < element.children && at < schema_.size(); ++child) {
      if (auto problem = find(at, depth + 1)) return problem;
    }
    return std::nullopt;
  }

 private:
  // A group of `metadata` and `value`, in either order, and then perhaps `typed_value`.
  std::optional<std::string> variant(std::size_t& at) {
    const auto& group = schema_[at++];
    const std::string path(group.name);
    if (group.children < 2 || group.children > 3) return path;
    bool metadata = false;
    bool value = false;
    for (int child = 0; child < 2; ++child, ++at) {
      if (at >= schema_.size() || !is_bytes(schema_[at])) return path + ".value";
      metadata = metadata || schema_[at].name == "metadata";
      value = value || schema_[at].name == "value";
    }
    if (!metadata || !value) return path;
    if (group.children == 2) return std::nullopt;
    return typed_value(at, path, 0);
  }

  // A leaf of any type, an array of parts, or an object of parts.
  std::optional<std::string> typed_value(std::size_t& at, std::string path, int depth) {
    if (at >= schema_.size() || depth > kDeepest) return path;
    const auto& element = schema_[at++];
    path += fmt::format(".{}", element.name);
    if (element.name != "typed_value" || element.repetition == kRepeated) return path;
    if (element.children <= 0) return std::nullopt;
    if (element.converted == kConvertedList) {
      if (element.children != 1 || at >= schema_.size()) return path;
      const auto& list = schema_[at++];
      path += fmt::format(".{}", list.name);
      if (list.repetition != kRepeated || list.children != 1 || list.converted != -1 || list.logical != -1) {
        return path;
      }
      return part(at, std::move(path), depth + 1);
    }
    if (element.converted != -1 || element.logical != -1) return path;
    for (std::int64_t child = 0; child < element.children; ++child) {
      if (auto problem = part(at, path, depth + 1)) return problem;
    }
    return std::nullopt;
  }

  // A group of `value` and perhaps `typed_value`.
  std::optional<std::string> part(std::size_t& at, std::string path, int depth) {
    if (at >= schema_.size()) return path;
    const auto& group = schema_[at++];
    path += fmt::format(".{}", group.name);
    if (group.repetition == kRepeated || group.children < 1 || group.children > 2 || group.converted != -1 ||
        group.logical != -1) {
      return path;
    }
    bool value = false;
    bool typed = false;
    for (std::int64_t child = 0; child < group.children; ++child) {
      if (at < schema_.size() && schema_[at].name == "value" && !value) {
        if (!is_bytes(schema_[at++])) return path + ".value";
        value = true;
      } else {
        if (typed) return path;
        typed = true;
        if (auto problem = typed_value(at, path, depth)) return problem;
      }
    }
    return std::nullopt;
  }

  static bool is_bytes(const SchemaElement& element) {
    return element.children <= 0 && element.physical == kByteArray && element.repetition != kRepeated &&
           element.converted == -1 && element.logical == -1;
  }

  const ParquetSchema& schema_;
};

}  // namespace

SchemaElement read_schema_element(ThriftCompact& in) {
  SchemaElement out;
  in.fields([&](std::int64_t id, int type) {
    if (id == 1 && type == ThriftCompact::kI32) {
      out.physical = in.number();
    } else if (id == 3 && type == ThriftCompact::kI32) {
      out.repetition = in.number();
    } else if (id == 4 && type == ThriftCompact::kBinary) {
      out.name = in.text();
    } else if (id == 5 && type == ThriftCompact::kI32) {
      out.children = in.number();
    } else if (id == 6 && type == ThriftCompact::kI32) {
      out.converted = in.number();
    } else if (id == 10 && type == ThriftCompact::kStruct) {
      in.fields([&](std::int64_t member, int kind) {
        out.logical = member;
        in.skip(kind);
      });
    } else {
      in.skip(type);
    }
  });
  return out;
}

std::vector<std::string> top_level_columns(const ParquetSchema& schema) {
  std::vector<std::string> out;
  // After the root. An element's subtree is behind it.
  std::int64_t inside = 0;
  for (std::size_t at = 1; at < schema.size(); ++at) {
    if (inside == 0) {
      out.emplace_back(schema[at].name);
    } else {
      --inside;
    }
    inside += std::clamp<std::int64_t>(schema[at].children, 0, std::ssize(schema));
  }
  return out;
}

std::vector<SchemaLeaf> schema_leaves(const ParquetSchema& schema) {
  std::vector<SchemaLeaf> leaves;
  std::size_t next = 1;  // after the root, whose own repetition does not count
  for (std::uint32_t column = 0; next < schema.size(); ++column) {
    if (!append_leaves(schema, next, {.column = column}, 1, leaves)) return {};
  }
  return leaves;
}

std::vector<SchemaProblem> schema_problems(const ParquetSchema& schema) {
  std::vector<SchemaProblem> out;
  std::size_t at = 1;
  for (std::uint32_t column = 0; at < schema.size(); ++column) {
    std::size_t next = at;
    std::size_t behind = at;
    std::vector<SchemaLeaf> ignored;
    if (!append_leaves(schema, behind, {}, 1, ignored)) break;
    if (const auto problem = VariantCheck(schema).find(next)) {
      out.push_back(
          {column,
           fmt::format("Its VARIANT is not built as one, at `{}`: export it again, or as a text of JSON.",
                       *problem)});
    }
    at = behind;
  }
  return out;
}

}  // namespace offloader::engine
