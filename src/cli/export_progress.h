#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "offloader/cli/cli.h"

namespace offloader::cli {

// The line on a terminal that shows how far an export has come: rows if they can be counted, else bytes, and
// how many a second. One thread at a time.
class ExportProgress {
 public:
  explicit ExportProgress(const World& world);

  // Counts `more` bytes, and draws the line now and then.
  void show(std::optional<std::uint64_t> rows, std::uint64_t more);
  // Clears the line and stops the clock.
  void end();

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  using Clock = std::chrono::steady_clock;

  const World& world_;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point drawn_ = began_;
  std::uint64_t bytes_ = 0;
  double seconds_ = 0;
};

}  // namespace offloader::cli
