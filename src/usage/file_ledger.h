#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "day_file.h"
#include "offloader/base/mutex.h"
#include "offloader/base/owned_folder.h"
#include "offloader/base/thread.h"
#include "offloader/usage/ledger.h"
#include "recent.h"

namespace offloader::usage {

// The ledger over a folder of files. record() only adds to Recent. One thread at a time writes, without a
// lock: it takes what is recent, adds it to the lines of the hours that are not over, and replaces the files
// of their days, copying the lines of hours that are over.
class FileLedger final : public Ledger {
 public:
  FileLedger(LedgerOptions options, OwnedFolder folder, const Clock& clock, telemetry::Log& log)
      : options_(std::move(options)),
        clock_(clock),
        log_(log),
        folder_(std::move(folder)),
        recent_(options_.most_lines) {}
  ~FileLedger() override { stop(); }

  Result<void> start() override;
  void stop() override;
  void record(const Served& served) override;
  Result<void> flush() override;
  Result<Report> report(const Question& question) override;
  void read_day(std::chrono::sys_days day,
                const std::function<void(const std::string&, std::int64_t, std::int64_t)>& use) override;

 private:
  [[nodiscard]] Hour this_hour() const;
  void run();
  void report_failed(std::string_view detail);

  // Writes what was recorded. Called by one thread at a time, as everything down to remove_old().
  Result<void> write();
  Result<void> write_day(std::chrono::sys_days day);
  Result<void> copy_finished(std::chrono::sys_days day, DayFileWriter& to);
  // Adds the lines that the file already has of an hour.
  Result<void> load(Hour hour);
  void forget_most();
  void remove_old();

  // Calls `use(line)` for each line of a day until it returns false. A missing file has no lines, nor has a
  // damaged one, which is set aside. Any thread.
  Result<void> read_lines(std::chrono::sys_days day, const std::function<bool(const ParsedLine& line)>& use);
  Result<void> unless_damaged(std::chrono::sys_days day, Result<void> read);

  const LedgerOptions options_;
  const Clock& clock_;
  telemetry::Log& log_;
  const OwnedFolder folder_;
  Recent recent_;

  Mutex writer_mutex_;
  Condition writer_changed_;
  bool writing_ OFFLOADER_GUARDED_BY(writer_mutex_) = false;
  bool stopping_ OFFLOADER_GUARDED_BY(writer_mutex_) = false;
  // Owned by the thread that set `writing_`: the lines of the hour that is not over, and of those that could
  // not be written yet.
  Hours hours_;
  std::set<Hour> unloaded_;                    // those of `hours_` that lack what the file has
  std::set<std::chrono::sys_days> unwritten_;  // days whose file lacks something
  std::chrono::sys_days cleaned_{};
  bool failing_ = false;
  Thread thread_;
};

// Returns the day of an hour, and its place in it.
[[nodiscard]] std::chrono::sys_days day_of(Hour hour);
[[nodiscard]] int hour_of_day(Hour hour);

}  // namespace offloader::usage
