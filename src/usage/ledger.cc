#include "file_ledger.h"

#include <fcntl.h>

#include <cstdio>
#include <utility>

#include "offloader/base/bounded_name.h"
#include "offloader/base/timestamp.h"

namespace offloader::usage {
namespace {

using std::chrono::sys_days;

constexpr std::string_view kDamaged = ".damaged";

std::int64_t& requests_of(Counts& counts, int status) {
  if (status >= 500) return counts.requests_5xx;
  if (status >= 400) return counts.requests_4xx;
  return status >= 300 ? counts.requests_3xx : counts.requests_2xx;
}

}  // namespace

sys_days day_of(Hour hour) {
  return std::chrono::floor<std::chrono::days>(hour);
}

int hour_of_day(Hour hour) {
  return static_cast<int>((hour - Hour(day_of(hour))).count());
}

Result<void> FileLedger::start() {
  return thread_.start(
      {.name = "usage",
       .report =
           [this](std::string_view what) {
             log_.error("The thread of the usage ledger caught an exception.", {{"detail", what}});
           },
       .after = Thread::AfterEscape::restart},
      [this] { run(); });
}

void FileLedger::stop() {
  {
    const MutexLock lock(writer_mutex_);
    if (std::exchange(stopping_, true)) return;
  }
  writer_changed_.notify_all();
  thread_.join();
  static_cast<void>(flush());
}

void FileLedger::record(const Served& served) {
  std::string key;
  std::string tenant;
  Counts counts;
  requests_of(counts, served.status) = 1;
  counts.rows = served.rows;
  counts.bytes = served.bytes;
  counts.execution_us = served.executed.count();
  recent_.add(this_hour(),
              {bounded_name(served.key, key), bounded_name(served.tenant, tenant), served.endpoint}, counts);
}

Result<void> FileLedger::flush() {
  // One thread writes at a time. It does so without a lock.
  {
    const MutexLock lock(writer_mutex_);
    while (writing_) writer_changed_.wait(writer_mutex_);
    writing_ = true;
  }
  Result<void> written;
  const bool completed =
      run_guarded([this](std::string_view what) { report_failed(what); }, [&] { written = write(); });
  if (!completed) written = fail(ErrorCode::internal, "the usage ledger cannot be written");
  if (written) {
    failing_ = false;
  } else {
    report_failed(written.error().detail);
    forget_most();
  }
  {
    const MutexLock lock(writer_mutex_);
    writing_ = false;
  }
  writer_changed_.notify_all();
  return written;
}

Hour FileLedger::this_hour() const {
  return std::chrono::floor<std::chrono::hours>(clock_.now());
}

void FileLedger::run() {
  for (;;) {
    {
      const MutexLock lock(writer_mutex_);
      const bool stopping = writer_changed_.wait_for(
          writer_mutex_, options_.interval, [this]() OFFLOADER_REQUIRES(writer_mutex_) { return stopping_; });
      if (stopping) return;
    }
    static_cast<void>(flush());
  }
}

void FileLedger::report_failed(std::string_view detail) {
  if (std::exchange(failing_, true)) return;
  log_.error("The usage ledger cannot be written. It is kept in memory until it can.", {{"detail", detail}});
}

Result<void> FileLedger::read_lines(sys_days day, const std::function<bool(const ParsedLine& line)>& use) {
  ParsedLine line;
  bool stopped = false;
  auto read = read_day_file(folder_, day, [&](std::string_view text) {
    if (!parse_line(text, line)) return false;
    stopped = !use(line);
    return !stopped;
  });
  return stopped ? Result<void>() : unless_damaged(day, std::move(read));
}

Result<void> FileLedger::unless_damaged(sys_days day, Result<void> read) {
  if (read || read.error().code == ErrorCode::not_found) return {};
  if (read.error().code != ErrorCode::corrupt) return read;
  const std::string name = file_name(day);
  const std::string aside = name + std::string(kDamaged);
  if (::renameat(folder_.descriptor(), name.c_str(), folder_.descriptor(), aside.c_str()) == 0)
    log_.error(
        "A file of the usage ledger is damaged. It was renamed, and what it counted is missing from reports.",
        {{"file", std::string_view(aside)}});
  return {};
}

Result<void> FileLedger::write() {
  for (auto& [hour, lines] : recent_.take()) {
    const auto [to, inserted] = hours_.try_emplace(hour);
    if (inserted) unloaded_.insert(hour);
    unwritten_.insert(day_of(hour));
    for (const auto& [place, counts] : lines)
      add_to(to->second, {place.key, place.tenant, place.endpoint}, counts, options_.most_lines);
  }
  while (!unloaded_.empty()) {
    if (auto loaded = load(*unloaded_.begin()); !loaded) return loaded;
    unloaded_.erase(unloaded_.begin());
  }
  while (!unwritten_.empty()) {
    if (auto written = write_day(*unwritten_.begin()); !written) return written;
    unwritten_.erase(unwritten_.begin());
  }
  hours_.erase(hours_.begin(), hours_.lower_bound(this_hour()));
  remove_old();
  return {};
}

// Bounds the memory while nothing can be written.
void FileLedger::forget_most() {
  constexpr std::size_t kMostHours = 4;
  while (hours_.size() > kMostHours) {
    const Hour oldest = hours_.begin()->first;
    log_.error("The usage of an hour is lost, because the ledger could not be written for too long.",
               {{"hour", to_rfc3339(oldest)}});
    unloaded_.erase(oldest);
    hours_.erase(hours_.begin());
  }
}

Result<void> FileLedger::load(Hour hour) {
  // All or nothing: after an error the hour is loaded again.
  Lines loaded;
  auto read = read_lines(day_of(hour), [&](const ParsedLine& line) {
    if (line.hour != hour_of_day(hour)) return true;
    add_to(loaded, {line.place.key, line.place.tenant, line.place.endpoint}, line.counts,
           options_.most_lines);
    return true;
  });
  if (!read) return read;
  Lines& to = hours_[hour];
  for (const auto& [place, counts] : loaded)
    add_to(to, {place.key, place.tenant, place.endpoint}, counts, options_.most_lines);
  return {};
}

Result<void> FileLedger::write_day(sys_days day) {
  DayFileWriter writer(folder_, day);
  if (auto begun = writer.begin(); !begun) return begun;
  if (auto copied = copy_finished(day, writer); !copied) return copied;
  std::string text;
  for (auto at = hours_.lower_bound(day); at != hours_.end() && day_of(at->first) == day; ++at) {
    for (const auto& [place, counts] : at->second) {
      text.clear();
      append_line(text, hour_of_day(at->first), {place.key, place.tenant, place.endpoint}, counts);
      if (auto added = writer.add(text); !added) return added;
    }
  }
  return writer.finish();
}

// Copies the lines of the hours that are not in memory.
Result<void> FileLedger::copy_finished(sys_days day, DayFileWriter& to) {
  Result<void> copied;
  ParsedLine line;
  std::string whole;
  auto read = read_day_file(folder_, day, [&](std::string_view text) {
    if (!parse_line(text, line)) return false;
    if (hours_.contains(Hour(day) + std::chrono::hours(line.hour))) return true;
    copied = to.add(whole.assign(text).append("\n"));
    return copied.has_value();
  });
  return copied ? unless_damaged(day, std::move(read)) : copied;
}

void FileLedger::remove_old() {
  const sys_days today = day_of(this_hour());
  if (cleaned_ == today) return;
  cleaned_ = today;
  const auto entries = folder_.entries();
  if (!entries) return;
  for (const auto& entry : *entries) {
    std::string_view name = entry.name;
    if (name.ends_with(kDamaged)) name.remove_suffix(kDamaged.size());
    const auto day = usage::day_of(name);
    if (day && *day < today - std::chrono::days{options_.days}) folder_.remove(entry.name);
  }
}

Result<std::unique_ptr<Ledger>> Ledger::open(LedgerOptions options, const Clock& clock, telemetry::Log& log) {
  const auto unusable = [](const Error& error) {
    const bool taken = error.code == ErrorCode::conflict;
    return fail(
        taken ? ErrorCode::invalid_config : error.code,
        taken
            ? "usage/ of the cache folder is a symbolic link or not a folder: replace it with a folder"
            : "usage/ of the cache folder cannot be used: check OFFLOADER_CACHE_DIR, its rights and its disk",
        error.detail);
  };
  const auto parent = OwnedFolder::open(options.folder.parent_path());
  if (!parent) return unusable(parent.error());
  auto folder = parent->make_below(options.folder.filename().string());
  if (!folder) return unusable(folder.error());
  if (const auto entries = folder->entries()) {
    for (const auto& entry : *entries) {
      if (is_unfinished(entry.name)) folder->remove(entry.name);
    }
  }
  return std::make_unique<FileLedger>(std::move(options), std::move(*folder), clock, log);
}

}  // namespace offloader::usage
