#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "chain.h"
#include "offloader/base/result.h"

namespace offloader::audit {

// What a sink found when it was opened.
struct Opening {
  bool fresh = true;  // holds no whole line
  std::string torn;   // what a crash left of a last line
  bool ended = true;  // false: the next write must begin with a line break, which ends the last line
};

// Where lines go. Used by one thread. After an error it is closed, and open() tries again.
class Sink {
 public:
  virtual ~Sink() = default;

  // Opens the sink and moves `head` to the last line in it, unless `head` is further. Errors: `conflict` if
  // another process writes to the file, or if it holds something else; `no_space`; `unavailable`.
  [[nodiscard]] virtual Result<Opening> open(const Sha256& key, Head& head) = 0;
  [[nodiscard]] virtual bool is_open() const = 0;
  // Appends the text. After an error nothing of it is left in a file.
  [[nodiscard]] virtual Result<void> write(std::string_view text) = 0;
  [[nodiscard]] virtual Result<void> sync() = 0;
  // Returns false if what was written is no longer in the file because it was removed or truncated.
  [[nodiscard]] virtual bool intact() const = 0;
  // Returns whether the path names another file than the open one.
  [[nodiscard]] virtual bool rotated() const = 0;
  virtual void close() = 0;
};

[[nodiscard]] std::unique_ptr<Sink> make_file_sink(std::string path);
// Standard output. Waits for a slow reader until `closing` is true.
[[nodiscard]] std::unique_ptr<Sink> make_output_sink(int fd, const std::atomic<bool>& closing);

}  // namespace offloader::audit
