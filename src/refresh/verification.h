#pragma once

#include <functional>
#include <vector>

#include "context.h"
#include "dataset_actor.h"
#include "offloader/base/cancel.h"
#include "offloader/base/thread.h"

namespace offloader::refresh {

// Verifies the files of a warm start against their checksums, once, on its own thread at low priority, and
// calls `report_corrupt` there for each damaged one. Owned by the refresher, which calls start() and stop().
class WarmVerification {
 public:
  using ReportCorrupt = std::function<void(const std::string& dataset, std::uint64_t snapshot)>;
  WarmVerification(const RefreshContext& context, EscapeReport report, ReportCorrupt report_corrupt)
      : context_(context), report_(std::move(report)), report_corrupt_(std::move(report_corrupt)) {}
  ~WarmVerification() { stop(); }

  // Fails with `busy` when the system cannot start a thread.
  [[nodiscard]] Result<void> start(std::vector<WarmFile> files);
  void stop();

 private:
  void run() const;

  const RefreshContext& context_;
  const EscapeReport report_;
  const ReportCorrupt report_corrupt_;
  std::vector<WarmFile> files_;
  CancelFlag cancelled_;
  Thread thread_;
};

}  // namespace offloader::refresh
