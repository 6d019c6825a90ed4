#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/serving/generation.h"

namespace offloader::serving {

// Holds the current generation. Each reader (an I/O thread) keeps its own pointer to it. To see whether the
// pointer is still current, the reader loads one atomic number, which all readers share and only publish()
// writes. Only the first view() after a publication takes a lock, while it copies a pointer. publish() nudges
// idle readers, so that none of them keeps an old generation, and with it old snapshots, alive. A reader that
// copies the pointer, to hold the generation while it waits, writes its reference count, which all readers
// share.
class Publication {
 public:
  // Requires: `initial` is not null; it may hold no snapshots.
  Publication(std::size_t readers, std::shared_ptr<const Generation> initial);

  // Returns the current generation. Must be called on the thread of `reader`. Copy the pointer to hold the
  // generation while waiting.
  [[nodiscard]] const std::shared_ptr<const Generation>& view(std::size_t reader);

  // Returns the current generation. Any thread; takes a lock briefly.
  [[nodiscard]] std::shared_ptr<const Generation> latest() const;

  // Makes `next` the current generation: a request that begins after this returns sees it. Requires: one
  // publisher at a time.
  void publish(std::shared_ptr<const Generation> next);

  // Sets the function that publish() calls to make every reader call view() soon. Must be called at most
  // once, before the first publish().
  void set_nudge(std::function<void()> nudge);

 private:
  struct alignas(64) Reader {
    std::uint64_t number = 0;
    std::shared_ptr<const Generation> generation;
  };

  std::vector<Reader> readers_;
  alignas(64) std::atomic<std::uint64_t> number_;
  mutable Mutex current_mutex_;
  std::shared_ptr<const Generation> current_ OFFLOADER_GUARDED_BY(current_mutex_);
  std::function<void()> nudge_;
};

}  // namespace offloader::serving
