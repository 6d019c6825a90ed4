#pragma once

#include <memory>
#include <string>

#include "offloader/http/body_stream.h"

namespace offloader::http::testing {

// A client of a streamed body: it reads when the test says so. One thread; the producer may be another.
class RecordedStream {
 public:
  RecordedStream();

  // Returns the producer's end. Call it once.
  [[nodiscard]] BodyStream stream() const;

  // Reads all that has been written since the last call.
  std::string read();
  // Whether the body has been completed, or given up. Call read() first.
  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] bool abandoned() const { return abandoned_; }
  [[nodiscard]] const std::string& trailers() const { return trailers_; }
  // The client goes away.
  void leave() const;

 private:
  std::shared_ptr<StreamBuffer> buffer_;
  bool finished_ = false;
  bool abandoned_ = false;
  std::string trailers_;
};

}  // namespace offloader::http::testing
