#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "offloader/base/mutex.h"
#include "offloader/serving/generation.h"

namespace offloader::serving {

// Holds the current generation. Each reader (an I/O thread) keeps its own pointer to it and reads one atomic
// number, which all readers share and only publish() writes, to see whether it is still the latest. Only the
// first view() after a publication takes a lock, for the time of copying a pointer. publish() nudges idle
// readers, so that none keeps an old generation, and with it old snapshots, alive.
//
// A reader that copies the pointer, to hold the generation over a wait, counts in its reference counter,
// which readers share.
class Publication {
 public:
  // `initial` may hold no snapshots, but is never null.
  Publication(std::size_t readers, std::shared_ptr<const Generation> initial);

  // The current generation for reader `reader`; call from that reader's thread alone. Copy it to hold it over
  // a wait.
  [[nodiscard]] const std::shared_ptr<const Generation>& view(std::size_t reader);

  // The current generation, from any thread. Takes a short lock.
  [[nodiscard]] std::shared_ptr<const Generation> latest() const;

  // Makes `next` current: a request that begins after this returns sees it. One publisher at a time.
  void publish(std::shared_ptr<const Generation> next);

  // What publish() calls to have every reader call view() soon; set once, before the first publish.
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
