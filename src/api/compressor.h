#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "offloader/serving/cached_answer.h"

namespace offloader::api {

// Compresses large cached answers apart from the I/O threads: one thread, a bounded queue. Callbacks come
// from that thread; on destruction what is queued is called back uncompressed.
class Compressor {
 public:
  using Done = std::function<void()>;  // the answer's form is there now, or could not be made

  Compressor();
  ~Compressor();

  // False, and no callback, when the queue is full: send identity then.
  [[nodiscard]] bool submit(std::shared_ptr<const serving::CachedAnswer> answer, serving::Encoding encoding,
                            Done done);

 private:
  struct Job {
    std::shared_ptr<const serving::CachedAnswer> answer;
    serving::Encoding encoding;
    Done done;
  };

  void run();

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

// Makes the compressed form unless it is there; null when it cannot be made. Blocks for as long as
// compressing takes.
const serving::CachedAnswer::Compressed* ensure_compressed(const serving::CachedAnswer& answer,
                                                           serving::Encoding encoding);

}  // namespace offloader::api
