#include "offloader/catalog/finding_list.h"

#include <algorithm>
#include <utility>

#include "offloader/base/utf8.h"

namespace offloader::catalog {
namespace {

constexpr std::size_t kMaxPath = 300;
constexpr std::size_t kMaxMessage = 1'000;
constexpr std::size_t kMaxHint = 2'000;  // may list 20 column names

void cut(std::string& text, std::size_t most) {
  if (text.size() > most) text = shortened(text, most);
}

Finding omitted_finding(const std::string& file, std::size_t count, Severity severity) {
  const bool one = count == 1;
  return {.file = file,
          .line = 0,
          .path = {},
          .code = "findings_omitted",
          .message = std::to_string(count) + " more " +
                     (severity == Severity::error ? (one ? "error is" : "errors are")
                                                  : (one ? "warning is" : "warnings are")) +
                     " not listed",
          .hint = "at most " + std::to_string(kMaxFindingsPerFile) + " findings per file and " +
                  std::to_string(kMaxFindings) + " in total are listed: fix these first",
          .severity = severity,
          .omitted = count};
}

}  // namespace

bool FindingList::has_room(const std::string& file, Severity severity) const {
  const auto found = files_.find(file);
  const File counts = found != files_.end() ? found->second : File{};
  if (counts.kept >= kMaxFindingsPerFile) return severity == Severity::error && counts.warnings > 0;
  return kept_.size() < kMaxFindings || (severity == Severity::error && warnings_ > 0);
}

void FindingList::add(Finding finding) {
  if (finding.severity == Severity::error) errors_ += std::max<std::size_t>(finding.omitted, 1);
  if (finding.omitted > 0) {
    count_omitted(finding);
    return;
  }
  if (!has_room(finding.file, finding.severity)) {
    finding.omitted = 1;
    count_omitted(finding);
    return;
  }
  File& counts = files_[finding.file];
  if (counts.kept >= kMaxFindingsPerFile) {
    drop_warning(&finding.file);
  } else if (kept_.size() >= kMaxFindings) {
    drop_warning(nullptr);
  }
  cut(finding.path, kMaxPath);
  cut(finding.message, kMaxMessage);
  cut(finding.hint, kMaxHint);
  ++counts.kept;
  if (finding.severity == Severity::warning) {
    ++counts.warnings;
    ++warnings_;
  }
  kept_.push_back(std::move(finding));
}

void FindingList::drop_warning(const std::string* file) {
  const auto last = std::find_if(kept_.rbegin(), kept_.rend(), [&](const Finding& each) {
    return each.severity == Severity::warning && (file == nullptr || each.file == *file);
  });
  if (last == kept_.rend()) return;
  File& counts = files_[last->file];
  --counts.kept;
  --counts.warnings;
  --warnings_;
  last->omitted = 1;
  count_omitted(*last);
  kept_.erase(std::next(last).base());
}

void FindingList::count_omitted(const Finding& finding) {
  if (omitted_.total() == 0) {
    omitted_file_ = finding.file;
  } else if (omitted_file_ != finding.file) {
    omitted_in_several_ = true;
  }
  (finding.severity == Severity::error ? omitted_.errors : omitted_.warnings) += finding.omitted;
}

Findings FindingList::take() {
  Findings out = std::move(kept_);
  const std::string file = omitted_in_several_ ? std::string() : omitted_file_;
  if (omitted_.errors > 0) out.push_back(omitted_finding(file, omitted_.errors, Severity::error));
  if (omitted_.warnings > 0) out.push_back(omitted_finding(file, omitted_.warnings, Severity::warning));
  sort_findings(out);
  *this = FindingList();
  return out;
}

Findings bounded(Findings findings) {
  FindingList list;
  for (Finding& finding : findings) list.add(std::move(finding));
  return list.take();
}

}  // namespace offloader::catalog
