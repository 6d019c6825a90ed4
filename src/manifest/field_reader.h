#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "json_tree.h"
#include "offloader/catalog/finding_list.h"

namespace offloader::manifest {

// Reads the fields of a JSON object and collects a finding, with line and hint, for each invalid one. The
// functions return a placeholder for an invalid field. Used by one thread.
class FieldReader {
 public:
  // `known` lists the valid member names, which are never suggested as misspellings. It must outlive the
  // reader.
  FieldReader(std::string file, const std::vector<std::string>& known)
      : file_(std::move(file)), known_(known) {}

  void add(int line, std::string path, std::string code, std::string message, std::string hint);
  void add(const JsonNode& node, std::string path, std::string code, std::string message, std::string hint) {
    add(node.line, std::move(path), std::move(code), std::move(message), std::move(hint));
  }
  // Adds `count` findings that are only counted, not listed.
  void add_uncounted(std::size_t count);
  [[nodiscard]] catalog::Findings take() { return findings_.take(); }

 protected:
  // Returns the member if it exists and has the kind. Otherwise reports a finding and returns nullptr.
  const JsonNode* require(const JsonNode& object, const std::string& name, JsonNode::Kind kind,
                          const std::string& prefix = "");
  bool of_kind(const JsonNode& node, const std::string& path, JsonNode::Kind kind);
  std::string read_text(const JsonNode& object, const std::string& name);
  std::optional<std::int64_t> read_count(const JsonNode& object, const std::string& name, std::int64_t least,
                                         const std::string& prefix = "");
  std::optional<std::int64_t> read_optional_count(const JsonNode& object, const std::string& name,
                                                  const std::string& prefix);

  // False if another finding would only be counted, so that computing a hint is wasted work.
  [[nodiscard]] bool has_room() const { return findings_.has_room(file_); }

  // `"text"`, shortened.
  static std::string quoted(const std::string& text);
  // The first part of a hint; empty if no known name is near.
  static std::string near(const std::string& text, const std::vector<std::string>& known);

 private:
  std::string file_;
  const std::vector<std::string>& known_;
  catalog::FindingList findings_;
};

}  // namespace offloader::manifest
