#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "offloader/base/thread.h"
#include "pinned_files.h"

namespace offloader::duckdb {

// Reads one file from front to back in whatever portions the reader likes (32 KB at a time for `.csv.gz`),
// with requests of megabytes, the next of which is on its way while the last is being used. One thread at a
// time.
class ReadAhead {
 public:
  // Called around every wait for the store: while its result lives, the flag is raised when the query is
  // interrupted.
  using Watch = std::function<std::shared_ptr<void>(CancelFlag&)>;

  // All outlive it.
  ReadAhead(const PinnedFiles& files, const PinnedFile& file, Watch watch);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Up to `length` bytes at the position, which moves on: fewer only at the end of the file.
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
        fail(ErrorCode::internal, "the read ended unexpectedly");  // the thread's, until joined
    Thread thread;                                                 // last: joined before the rest goes
  };

  [[nodiscard]] std::uint64_t take(char* buffer, std::uint64_t length);  // from `block_`
  Result<void> wait_for_coming();
  // Nothing begins where no thread can be started.
  void begin(std::uint64_t offset);

  const PinnedFiles& files_;
  const PinnedFile& file_;
  const Watch watch_;
  std::uint64_t position_ = 0;
  std::uint64_t sequential_to_ = 0;  // where the last read ended
  bool sequential_ = false;          // a read began there: the whole file is wanted
  std::uint64_t block_length_;
  Block block_;
  std::unique_ptr<Coming> coming_;
};

}  // namespace offloader::duckdb
