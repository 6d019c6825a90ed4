#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "offloader/audit/audit.h"
#include "offloader/base/mutex.h"

namespace offloader::audit {

// The newest lines in memory, at most 1,000 and at most 1 MiB. Thread-safe.
class Ring {
 public:
  static constexpr std::size_t kMostLines = 1000;
  static constexpr std::size_t kMostBytes = 1U << 20;

  // Adds line `seq`, without its line end. Drops the others if it does not follow the last of them.
  void add(std::uint64_t seq, std::string_view line);

  // Adds the matching lines to the page, newest first, until it is full. Returns the number before which
  // older lines must be read elsewhere; 0 if the page is full (`next_before` is then set) or there are no
  // older ones.
  [[nodiscard]] std::uint64_t read(const PageQuery& query, Page& page) const;

  [[nodiscard]] std::uint64_t newest() const;

 private:
  mutable Mutex lines_mutex_;
  std::deque<std::string> lines_ OFFLOADER_GUARDED_BY(lines_mutex_);
  std::uint64_t newest_ OFFLOADER_GUARDED_BY(lines_mutex_) = 0;  // number of the last line
  std::size_t bytes_ OFFLOADER_GUARDED_BY(lines_mutex_) = 0;
};

// Adds the matching lines of a file to the page, from the last one before `before` on, until the page is full
// or 16 MiB have been read; `next_before` is then set. Adds none if the file cannot be read. Blocks.
void read_back(const std::string& path, std::uint64_t before, const PageQuery& query, Page& page);

}  // namespace offloader::audit
