#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace offloader::catalog {

enum class Severity { error, warning };

// One thing that is wrong with a project or a manifest, in words that let a person fix it.
struct Finding {
  std::string file;     // relative to the project
  int line = 0;         // 1-based; 0 where there is none
  std::string path;     // the field inside the file, `params[2].enum`
  std::string code;     // one of the contract's stable codes
  std::string message;  // for people; under keys/ it never repeats a value
  std::string hint;     // what to do about it; may be empty
  Severity severity = Severity::error;
  std::size_t omitted = 0;  // of `findings_omitted`: how many findings it replaces (finding_list.h)

  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

struct FindingCounts {
  std::size_t errors = 0;
  std::size_t warnings = 0;

  [[nodiscard]] std::size_t total() const { return errors + warnings; }
};

// By file, then line, then path, then code; `findings_omitted` comes last.
void sort_findings(Findings& findings);

[[nodiscard]] bool has_errors(const Findings& findings);

// What was found, omitted findings included.
[[nodiscard]] FindingCounts count_findings(const Findings& findings);

// `file:line: code at path: message` and, indented below it, the hint; one finding after another. What
// `offloader validate` and the server print.
[[nodiscard]] std::string to_text(const Findings& findings);

// A JSON array of {file, line, path, code, severity, message, hint?}.
[[nodiscard]] std::string to_json(const Findings& findings);

}  // namespace offloader::catalog
