#include "run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "offloader/base/timestamp.h"

namespace offloader::refresh {

std::string summary_of(const catalog::Findings& findings) {
  const auto first = std::find_if(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.severity == catalog::Severity::error;
  });
  if (first == findings.end()) return "the snapshot was refused";
  const auto errors = std::count_if(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.severity == catalog::Severity::error;
  });
  std::string text = fmt::format("{}: {}", first->code, first->message);
  if (errors > 1) text += fmt::format(" (and {} more)", errors - 1);
  return text;
}

Ending ending_of(const engine::BuildFailure& failure) {
  const bool refused = failure.error.code == ErrorCode::rejected || catalog::has_errors(failure.findings);
  return {.outcome = refused ? Outcome::rejected : Outcome::failed,
          .error = failure.error.message,
          .findings = failure.findings};
}

std::shared_ptr<const serving::ServedSnapshot> served_snapshot(const SnapshotRecord& record,
                                                               std::int64_t rows, std::uint64_t bytes,
                                                               const std::string& fingerprint,
                                                               SystemTime activated_at,
                                                               std::shared_ptr<const engine::Snapshot> data) {
  auto served = std::make_shared<serving::ServedSnapshot>();
  served->snapshot_id = record.snapshot_id;
  served->watermark = record.watermark;
  served->watermark_time = parse_iso8601(record.watermark).value_or(SystemTime{});
  served->data_quality = record.data_quality;
  served->rows = rows;
  served->bytes = bytes;
  served->activated_at = activated_at;
  served->fingerprint = fingerprint;
  served->data = std::move(data);
  return served;
}

}  // namespace offloader::refresh
