#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "offloader/base/thread.h"
#include "offloader/duckdb/interrupt_watch.h"
#include "offloader/executor/source_waits.h"
#include "pinned_files.h"

namespace offloader::duckdb {

// Reads one file from front to back. The reader may use portions of any size (32 KB for `.csv.gz`): the
// requests are of 1 to 8 MiB, and the next one runs while the last is used. One thread at a time.
class ReadAhead {
 public:
  // Called before each wait for the store. While its result exists, the flag is raised when the query is
  // interrupted.
  using Watch = std::function<std::shared_ptr<void>(CancelFlag&)>;

  // `files` and `file` must outlive it.
  ReadAhead(const PinnedFiles& files, const PinnedFile& file, Watch watch);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Reads `length` bytes at the position and advances it. Returns fewer only at the end of the file.
  [[nodiscard]] Result<std::uint64_t> read(char* buffer, std::uint64_t length);

  void seek(std::uint64_t position) { position_ = position; }
  [[nodiscard]] std::uint64_t position() const { return position_; }

 private:
  struct Block {
    std::uint64_t offset = 0;
    std::vector<char> bytes;
  };
  struct Coming {
    Block block;
    CancelFlag stop;
    Result<void> done =
        fail(ErrorCode::internal, "the read ended unexpectedly");  // owned by the thread until joined
    Thread thread;  // last member: joined before the others are destroyed
  };

  [[nodiscard]] std::uint64_t take(char* buffer, std::uint64_t length);  // copies from `block_`
  Result<void> wait_for_coming();
  // Starts to fetch the block at `offset`. Does nothing if no thread can be started.
  void begin(std::uint64_t offset);

  const PinnedFiles& files_;
  const PinnedFile& file_;
  const Watch watch_;
  std::uint64_t position_ = 0;
  std::uint64_t sequential_to_ = 0;  // where the last read ended
  bool sequential_ = false;          // the last read began where its predecessor ended
  std::uint64_t block_length_;
  Block block_;
  std::unique_ptr<Coming> coming_;
};

// Returns a watch that notifies `waits` of each wait for the store and raises the flag when the reader is
// interrupted. `waits` may be null; without `watch` or `interrupted`, waits are not interrupted.
[[nodiscard]] ReadAhead::Watch watch_of(std::shared_ptr<InterruptWatch> watch,
                                        std::shared_ptr<executor::SourceWaits> waits,
                                        std::function<bool()> interrupted);

}  // namespace offloader::duckdb
