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

// Keeps the running project the one that its source has (snapshots.md, "Config reload"), on a thread of its
// own. start() and stop() are the owner's, everything else is for any thread.
class ProjectWatch {
 public:
  struct Options {
    std::chrono::seconds interval{0};  // 0: only when asked
    std::string stale{};               // why the running project is an older copy; empty: it is not
  };
  // Takes the project over, on the watch's thread; false where it is the one that runs. What it throws leaves
  // the project that runs in force.
  using Apply = std::function<bool(const std::shared_ptr<const catalog::Catalog>&)>;

  // `source` has loaded the running project. Everything given by reference outlives the watch.
  ProjectWatch(ProjectSource& source, Options options, const Clock& clock, telemetry::Log& log, Apply apply);
  ~ProjectWatch() { stop(); }

  [[nodiscard]] Result<void> start();
  // Ends the reading of the source, and joins. Whoever waits for a report gets an error, as does whoever asks
  // afterwards. Idempotent.
  void stop();

  // Reads the project now, whatever its files look like from outside. `done` may be empty.
  void reload(std::function<void(ReloadReport)> done, const std::string& asked_by);

  [[nodiscard]] ConfigSyncStatus status() const;
  // Looks at the clock again.
  void wake() { watch_changed_.notify_all(); }

 private:
  struct Asked {
    std::function<void(ReloadReport)> done;
    std::string asked_by;
  };

  void run();
  ReloadReport check_guarded(bool asked, const std::string& asked_by);
  // `asked`: somebody wants it read, whatever the stamp says.
  ReloadReport check(bool asked, const std::string& asked_by);
  void log_refusal(const ReloadReport& report);
  void show(const ReloadReport& report);

  ProjectSource& source_;
  const Options options_;
  const Clock& clock_;
  telemetry::Log& log_;
  const Apply apply_;
  std::string stamp_;    // the thread's, after start()
  std::string refused_;  // the thread's: what was logged of the revision that was refused last
  mutable Mutex watch_mutex_;
  Condition watch_changed_;
  bool stopping_ OFFLOADER_GUARDED_BY(watch_mutex_) = false;
  std::vector<Asked> asked_ OFFLOADER_GUARDED_BY(watch_mutex_);
  ConfigSyncStatus status_ OFFLOADER_GUARDED_BY(watch_mutex_);
  Thread thread_;
};

}  // namespace offloader::refresh
