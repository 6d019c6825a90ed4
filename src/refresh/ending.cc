#include "ending.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "offloader/base/url_text.h"

namespace offloader::refresh {

std::string codes_of(const catalog::Findings& findings) {
  constexpr std::size_t kShown = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(kShown, findings.size()); ++i) {
    const catalog::Finding& finding = findings[i];
    out += fmt::format("{}{}", out.empty() ? "" : "; ", finding.code);
    if (!finding.file.empty()) out += " in " + without_query(finding.file);
    if (finding.line != 0) out += fmt::format(":{}", finding.line);
    if (!finding.path.empty()) out += " at " + finding.path;
  }
  if (findings.size() > kShown) out += fmt::format("; {} findings in all", findings.size());
  return out;
}

std::string summary_of(const catalog::Findings& findings) {
  const auto first = std::find_if(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.severity == catalog::Severity::error;
  });
  if (first == findings.end()) return "the snapshot was rejected";
  const std::size_t errors = catalog::count_findings(findings).errors;
  std::string text = fmt::format("{}: {}", first->code, first->message);
  if (errors > 1) text += fmt::format(" (and {} more)", errors - 1);
  return text;
}

Ending ending_of(const executor::Refused& failure) {
  const bool refused = failure.error.code == ErrorCode::rejected || catalog::has_errors(failure.findings);
  return {.outcome = refused ? Outcome::rejected : Outcome::failed,
          .error = failure.error.message,
          .findings = failure.findings};
}

std::vector<std::string> names_of(const std::vector<manifest::ResolvedFile>& files) {
  std::vector<std::string> names;
  for (const manifest::ResolvedFile& file : files) {
    const std::string& path = file.declared.path;
    names.push_back(file.remote ? path.substr(0, path.find('?')) : path);
  }
  return names;
}

Ending ending_of_death(const DiedBuild& died, const std::vector<manifest::ResolvedFile>& files) {
  constexpr std::size_t kNamed = 3;
  const bool again = died.deaths > 1;
  const auto names = names_of(files);
  const std::size_t named = std::min(kNamed, names.size());
  std::string list =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(named), ", "));
  if (names.size() > named) list += fmt::format(" and {} more files", names.size() - named);
  const std::string times = again ? fmt::format(" {} times", died.deaths) : std::string();
  catalog::Finding finding;
  finding.file = names.empty() ? "manifest" : names.front();
  finding.code = "build_died";
  finding.message = fmt::format(
      "the server process died{} while reading {} (out of memory, or killed by a signal)", times, list);
  finding.hint =
      again ? "rewrite the files and change the manifest, or force a refresh"
            : "the build is retried after an hour, when the manifest changes, or by a forced refresh";
  std::string error = finding.code + ": " + finding.message;
  return {.outcome = again ? Outcome::rejected : Outcome::failed,
          .error = std::move(error),
          .findings = {std::move(finding)}};
}

Ending presentable(Ending ending) {
  ending.findings = catalog::bounded(std::move(ending.findings));
  if (ending.outcome == Outcome::rejected && (ending.error.empty() || !ending.findings.empty()))
    ending.error = summary_of(ending.findings);
  ending.error = without_url_queries(ending.error);
  for (catalog::Finding& finding : ending.findings) {
    finding.file = without_query(finding.file);
    finding.message = without_url_queries(finding.message);
  }
  return ending;
}

}  // namespace offloader::refresh
