#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "offloader/base/descriptor.h"
#include "offloader/base/owned_folder.h"
#include "offloader/base/result.h"

// A file of the ledger: `2026-01-31.usage`. A line that names format and day, the lines of the ledger, and a
// last line with a checksum over everything before it. It is replaced as a whole, so a crash leaves either
// the old file or the new one.
namespace offloader::usage {

[[nodiscard]] std::string file_name(std::chrono::sys_days day);
// Returns the day of a file of the ledger; nullopt for any other name.
[[nodiscard]] std::optional<std::chrono::sys_days> day_of(std::string_view file_name);
// Returns whether the name is that of a file that was never finished.
[[nodiscard]] bool is_unfinished(std::string_view file_name);

// Calls `use(line)` for each line of a day's file, without its line end, until it returns false. First checks
// the whole file. Uses a fixed amount of memory. Errors: `not_found`; `corrupt` if the file is damaged, also
// if `use` returns false; `unavailable` if it cannot be read.
[[nodiscard]] Result<void> read_day_file(const OwnedFolder& folder, std::chrono::sys_days day,
                                         const std::function<bool(std::string_view line)>& use);

// Writes a day's file beside the old one, and replaces it at the end. If it is destroyed before, the old file
// stays. Errors: `no_space`, `unavailable`.
class DayFileWriter {
 public:
  DayFileWriter(const OwnedFolder& folder, std::chrono::sys_days day) : folder_(folder), day_(day) {}
  ~DayFileWriter();
  DayFileWriter(const DayFileWriter&) = delete;
  DayFileWriter& operator=(const DayFileWriter&) = delete;

  [[nodiscard]] Result<void> begin();
  // Adds whole lines, with their ends.
  [[nodiscard]] Result<void> add(std::string_view lines);
  // Syncs the file and gives it its name.
  [[nodiscard]] Result<void> finish();

 private:
  [[nodiscard]] Result<void> write_out();

  const OwnedFolder& folder_;
  const std::chrono::sys_days day_;
  std::string temporary_;  // empty once it has its name
  Descriptor file_;
  std::string buffer_;
  unsigned long checksum_ = 0;
};

}  // namespace offloader::usage
