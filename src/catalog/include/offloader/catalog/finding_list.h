#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "offloader/catalog/finding.h"

namespace offloader::catalog {

inline constexpr std::size_t kMaxFindingsPerFile = 100;
inline constexpr std::size_t kMaxFindings = 1'000;

// Collects findings in bounded memory: it keeps at most 100 per file and 1,000 in all and counts the rest.
// Errors take precedence over warnings, and long texts are shortened. Not thread-safe.
class FindingList {
 public:
  void add(Finding finding);

  // Returns whether a finding of `file` would be kept. Call it before computing an expensive hint.
  [[nodiscard]] bool has_room(const std::string& file, Severity severity = Severity::error) const;

  // The number of errors added, including omitted ones.
  [[nodiscard]] std::size_t errors() const { return errors_; }

  // Returns the kept findings, sorted, and clears the list. If some were omitted, the result ends with a
  // `findings_omitted` finding for errors, one for warnings, or both, with their numbers.
  [[nodiscard]] Findings take();

 private:
  struct File {
    std::size_t kept = 0;
    std::size_t warnings = 0;  // of the kept ones
  };

  void drop_warning(const std::string* file);
  void count_omitted(const Finding& finding);

  Findings kept_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;  // of the kept ones
  std::map<std::string, File> files_;
  FindingCounts omitted_;
  std::string omitted_file_;  // the file with omitted findings, if it is only one
  bool omitted_in_several_ = false;
};

// Applies the same limits to `findings`, and sorts them.
[[nodiscard]] Findings bounded(Findings findings);

}  // namespace offloader::catalog
