#include "offloader/catalog/finding.h"

#include <algorithm>
#include <tuple>

#include "offloader/base/json_text.h"
#include "offloader/base/url_text.h"

namespace offloader::catalog {

void sort_findings(Findings& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    const bool a_last = a.omitted > 0;
    const bool b_last = b.omitted > 0;
    return std::tie(a_last, a.file, a.line, a.path, a.code) <
           std::tie(b_last, b.file, b.line, b.path, b.code);
  });
}

bool has_errors(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::error; });
}

FindingCounts count_findings(const Findings& findings) {
  FindingCounts counts;
  for (const Finding& finding : findings) {
    (finding.severity == Severity::error ? counts.errors : counts.warnings) +=
        std::max<std::size_t>(finding.omitted, 1);
  }
  return counts;
}

std::string to_text(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out += without_query(finding.file);
    if (finding.line != 0) out += ":" + std::to_string(finding.line);
    if (!finding.file.empty()) out += ": ";
    if (finding.severity == Severity::warning) out += "warning: ";
    out += finding.code;
    if (!finding.path.empty()) out += " at " + finding.path;
    out += ": " + without_url_queries(finding.message) + "\n";
    if (!finding.hint.empty()) out += "    " + finding.hint + "\n";
  }
  return out;
}

std::string to_json(const Findings& findings) {
  std::string out = "[";
  for (const Finding& finding : findings) {
    if (out.size() > 1) out += ',';
    const auto field = [&out](std::string_view name, std::string_view value) {
      json::append_string(out, name);
      out += ':';
      json::append_string(out, value);
    };
    out += '{';
    field("file", without_query(finding.file));
    out += ",\"line\":";
    json::append_int(out, finding.line);
    out += ',';
    field("path", finding.path);
    out += ',';
    field("code", finding.code);
    out += ',';
    field("severity", finding.severity == Severity::error ? "error" : "warning");
    out += ',';
    field("message", without_url_queries(finding.message));
    if (!finding.hint.empty()) {
      out += ',';
      field("hint", finding.hint);
    }
    out += '}';
  }
  return out + "]";
}

}  // namespace offloader::catalog
