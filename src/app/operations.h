#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "offloader/admin/operations.h"
#include "offloader/executor/executor.h"
#include "offloader/refresh/refresher.h"
#include "offloader/serving/publication.h"
#include "offloader/serving/response_cache.h"
#include "offloader/telemetry/telemetry.h"
#include "offloader/usage/ledger.h"

namespace offloader::app {

// Implements the actions of the admin port with the parts of the running server, which must outlive it. Any
// thread.
class ServerOperations final : public admin::Operations {
 public:
  struct Parts {
    executor::Executor& executor;
    refresh::Refresher& refresher;
    const serving::Publication& publication;
    const serving::ResponseCache& cache;
    std::filesystem::path cache_dir;
    SystemTime started_at{};
    std::filesystem::path project_root;  // empty: not on this disk
    std::vector<std::string> secrets;    // the process's own secrets, which bundles must not contain
    telemetry::Telemetry& telemetry;
    std::function<bool()> ready;      // the answer of /ready
    usage::Ledger* ledger = nullptr;  // null: off
  };
  explicit ServerOperations(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] admin::Facts facts() override;
  [[nodiscard]] bool refresh(const std::string& dataset, std::function<void(refresh::RefreshReport)> done,
                             const std::string& asked_by) override;
  [[nodiscard]] Result<refresh::RollbackReport> rollback(const std::string& dataset, bool force,
                                                         const std::string& asked_by) override;
  void reload(std::function<void(refresh::ReloadReport)> done, const std::string& asked_by) override;
  [[nodiscard]] Result<usage::Report> usage(const usage::Question& question) override;
  [[nodiscard]] Result<std::string> support_bundle() override;

 private:
  Parts parts_;
};

}  // namespace offloader::app
