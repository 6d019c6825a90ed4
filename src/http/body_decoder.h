#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "request_head.h"

namespace offloader::http {

// Removes the framing from a request's body and finds its end. It is strict about chunks, because a lenient
// reader behind a strict proxy (or the reverse) enables request smuggling. Not thread-safe.
class BodyDecoder {
 public:
  // `max_body` bounds the content. Chunk sizes, extensions and trailers together may take five times that
  // plus `max_headers`. All in bytes.
  void start_length(std::uint64_t length);
  void start_chunked(std::size_t max_body, std::size_t max_headers);

  struct Step {
    std::size_t taken = 0;    // bytes that belong to the body; all of `bytes` unless done or refused
    std::size_t content = 0;  // bytes of content, moved to the front of `bytes`
    bool done = false;
    std::optional<Refusal> refusal;
  };
  // Decodes the next bytes of the body in place.
  [[nodiscard]] Step feed(std::span<char> bytes);

 private:
  enum class State {
    length,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done
  };

  [[nodiscard]] std::optional<Refusal> take(char c);

  State state_ = State::done;
  std::uint64_t remaining_ = 0;
  std::uint64_t content_left_ = 0;
  std::uint64_t framing_left_ = 0;
  unsigned digits_ = 0;
};

}  // namespace offloader::http
