#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/refresh/project_source.h"
#include "offloader/refresh/status.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::refresh {

// Reloads the project when its source changes (snapshots.md, "Config reload"), on its own thread. Owned by
// the refresher, which calls start() and stop(); any thread may call the other functions. A failed check is
// reported, and the running project stays.
class ProjectWatch {
 public:
  struct Options {
    std::chrono::seconds interval{0};  // 0: only on request
    std::string stale{};               // why the running project is an older copy; empty: it is current
  };
  // Switches to the project, on the watch's thread. Returns false if it is the running one. An exception is
  // reported as a failed reload, so none may be thrown after the switch.
  using Apply = std::function<bool(const std::shared_ptr<const catalog::Catalog>&)>;

  // Requires: `source` has loaded the running project. Everything passed by reference must outlive the watch.
  ProjectWatch(ProjectSource& source, Options options, const Clock& clock, telemetry::Log& log, Apply apply);
  ~ProjectWatch() { stop(); }

  // Fails with `busy` when the system cannot start a thread.
  [[nodiscard]] Result<void> start();
  // Cancels reads of the source and joins the thread. Pending and later reloads report an error. Idempotent.
  void stop();

  // Requests a reload and returns at once; the project is read even if its stamp is unchanged. `done` may be
  // empty.
  void reload(std::function<void(ReloadReport)> done, const std::string& asked_by);

  [[nodiscard]] ConfigSyncStatus status() const;
  // Makes the thread read the clock again.
  void wake() { watch_changed_.notify_all(); }

 private:
  struct Asked {
    std::function<void(ReloadReport)> done;
    std::string asked_by;
  };

  void run();
  void give(const std::vector<Asked>& to, const ReloadReport& report) const;
  [[nodiscard]] EscapeReport report_failed() const;
  // Checks the project, and shows and logs the result, which is `error` if the check throws.
  ReloadReport check_guarded(bool asked, const std::string& asked_by);
  // `asked`: read the project even if its stamp is unchanged.
  ReloadReport check(bool asked);
  void log_refusal(const ReloadReport& report);
  void show(const ReloadReport& report);

  ProjectSource& source_;
  const Options options_;
  const Clock& clock_;
  telemetry::Log& log_;
  const Apply apply_;
  std::string stamp_;    // used only by the thread after start()
  std::string refused_;  // used only by the thread: the rejection that was last logged
  mutable Mutex watch_mutex_;
  Condition watch_changed_;
  bool stopping_ OFFLOADER_GUARDED_BY(watch_mutex_) = false;
  std::vector<Asked> asked_ OFFLOADER_GUARDED_BY(watch_mutex_);
  ConfigSyncStatus status_ OFFLOADER_GUARDED_BY(watch_mutex_);
  Thread thread_;
};

}  // namespace offloader::refresh
