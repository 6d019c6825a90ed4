#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/telemetry/telemetry.h"
#include "offloader/usage/report.h"

// What was served, for billing and for finding who calls what (identity.md, "Usage"). Tenants and subjects
// are in these files and reports alone: never in logs, metrics or support bundles.
namespace offloader::usage {

// One answer. The views are read only during the call.
struct Served {
  std::string_view key;
  std::string_view tenant;
  std::string_view endpoint;
  int status = 200;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::chrono::microseconds executed{0};
};

struct LedgerOptions {
  std::filesystem::path folder{};              // made if it is missing; its parent exists
  int days = 90;                               // kept before the current one; at least 1
  std::chrono::milliseconds interval{60'000};  // between writes; what a crash loses
  std::size_t most_lines = 100'000;            // of an hour; the rest count under the key `_other`
};

// Counts in memory and writes a file a day, on a thread of its own. Owned by the composition root; outlives
// everything that records. Memory is bounded: about a hundred bytes and the names for each line of an hour,
// twice. A file that is damaged is renamed to `….damaged` and logged; the ledger goes on without it.
class Ledger {
 public:
  static constexpr std::string_view kOther = "_other";  // the key of what is beyond `most_lines`

  // Opens the folder. Errors: `invalid_config` if it is not a folder, `no_space` or `unavailable` if it
  // cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<Ledger>> open(LedgerOptions options, const Clock& clock,
                                                            telemetry::Log& log);
  virtual ~Ledger() = default;

  // Starts the thread that writes. Fails with `busy` if the system cannot start one.
  [[nodiscard]] virtual Result<void> start() = 0;
  // Writes what is left, and joins the thread. Idempotent.
  virtual void stop() = 0;

  // Counts one answer in the current hour. Any thread; takes one of many locks for less than a microsecond,
  // and does no I/O.
  virtual void record(const Served& served) = 0;

  // Writes everything recorded so far, and removes files that are too old. Any thread; blocks for the disk.
  // Errors: `no_space` or `unavailable`; what could not be written is kept for the next time.
  [[nodiscard]] virtual Result<void> flush() = 0;

  // Returns what was served, up to this moment. Reads the files; blocks. Errors: as flush(); `invalid_param`
  // if the answer would have more than kMostReportLines.
  static constexpr std::size_t kMostReportLines = 100'000;
  [[nodiscard]] virtual Result<Report> report(const Question& question) = 0;

  // Calls `use(key, requests, rows)` for each key with what its file of the day has of it. For the counters
  // of limits at start; reads the file. Requires: start() has not been called.
  virtual void read_day(
      std::chrono::sys_days day,
      const std::function<void(const std::string& key, std::int64_t requests, std::int64_t rows)>& use) = 0;
};

}  // namespace offloader::usage
