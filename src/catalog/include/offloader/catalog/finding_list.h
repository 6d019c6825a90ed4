#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "offloader/catalog/finding.h"

namespace offloader::catalog {

inline constexpr std::size_t kMaxFindingsPerFile = 100;
inline constexpr std::size_t kMaxFindings = 1'000;

// Collects findings in bounded memory: at most 100 of a file and 1,000 in all are kept, the rest are counted.
// Errors are kept in preference to warnings, and long texts are cut. Not thread-safe.
class FindingList {
 public:
  void add(Finding finding);

  // Whether a finding of `file` would be kept. Ask before computing a hint that costs time.
  [[nodiscard]] bool has_room(const std::string& file, Severity severity = Severity::error) const;

  // Of all that were added, omitted ones included.
  [[nodiscard]] std::size_t errors() const { return errors_; }

  // The findings kept, sorted. When some were left out, the last ones have the code `findings_omitted` and
  // say how many: one for errors, one for warnings. Leaves the list empty.
  [[nodiscard]] Findings take();

 private:
  struct File {
    std::size_t kept = 0;
    std::size_t warnings = 0;  // of those kept
  };

  void drop_warning(const std::string* file);
  void count_omitted(const Finding& finding);

  Findings kept_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;  // of those kept
  std::map<std::string, File> files_;
  FindingCounts omitted_;
  std::string omitted_file_;  // the one file with omitted findings
  bool omitted_in_several_ = false;
};

// `findings` within the same bounds, sorted.
[[nodiscard]] Findings bounded(Findings findings);

}  // namespace offloader::catalog
