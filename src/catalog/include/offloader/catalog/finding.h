#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace offloader::catalog {

enum class Severity { error, warning };

// One problem of a project or a manifest, described so that a person can fix it.
struct Finding {
  std::string file;     // relative to the project
  int line = 0;         // 1-based; 0: no line
  std::string path;     // the field inside the file, such as `params[2].enum`
  std::string code;     // one of the contract's stable codes
  std::string message;  // for people; in files under keys/ it never repeats a value
  std::string hint;     // how to fix it; may be empty
  Severity severity = Severity::error;
  std::size_t omitted = 0;  // for `findings_omitted`: the number of findings it replaces (finding_list.h)

  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

struct FindingCounts {
  std::size_t errors = 0;
  std::size_t warnings = 0;

  [[nodiscard]] std::size_t total() const { return errors + warnings; }
};

// Sorts by file, line, path and code; `findings_omitted` comes last.
void sort_findings(Findings& findings);

[[nodiscard]] bool has_errors(const Findings& findings);

// Counts findings, including those that `findings_omitted` replaces.
[[nodiscard]] FindingCounts count_findings(const Findings& findings);

// Formats each finding as `file:line: code at path: message`, with the hint indented on the next line.
// `offloader validate` and the server print this.
[[nodiscard]] std::string to_text(const Findings& findings);

// Returns a JSON array of {file, line, path, code, severity, message, hint?}.
[[nodiscard]] std::string to_json(const Findings& findings);

}  // namespace offloader::catalog
