#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/http/message.h"

namespace offloader::http {

// How a client finds the end of a body.
enum class Length {
  counted,  // by Content-Length
  chunked,  // by a last chunk: the body is sent while it is produced
  to_end,   // by the end of the connection: likewise, for HTTP/1.0
};

// How a response is framed, which depends on the request.
struct Framing {
  bool head = false;  // the answer to a HEAD: no body, but the length that a GET would get
  bool http11 = true;
  bool keep_alive = true;
  Length length = Length::counted;
};

// Responses that are written in one gathered write. Their heads are composed into one string; bodies are
// written in place. Not thread-safe.
class ResponseQueue {
 public:
  // Adds a response. `date` is the value of the Date header.
  void add(Response response, const Framing& framing, std::string_view date);
  void add_continue();

  // Adds a piece of a body whose head was added as `chunked` or `to_end`. Requires: `bytes` is not empty.
  void add_piece(std::string bytes, Length length);
  // Ends a chunked body. `trailers` are complete lines.
  void add_last_chunk(std::string_view trailers);

  [[nodiscard]] bool empty() const { return segments_.empty(); }
  [[nodiscard]] std::size_t count() const { return responses_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // Returns the bytes to write, in order; valid until the next call on this queue.
  [[nodiscard]] const std::vector<boost::asio::const_buffer>& buffers();
  // Ends what responses keep until they have been sent (Response::until_sent), if the rest fits into what the
  // system takes at once. Call before a write: the client may have the answer, and its next request may be
  // read by another thread, before the write returns.
  void let_go();
  // Removes `bytes` that have been written. Memory is released once everything has been written.
  void consume(std::size_t bytes);

 private:
  struct Segment {
    const char* data;  // null: in heads_, at `offset`
    std::size_t offset;
    std::size_t size;
  };

  void add_head_segment(std::size_t from);

  std::string heads_;
  std::vector<Segment> segments_;
  std::vector<Response> responses_;  // owns the bytes of segments outside heads_
  std::vector<boost::asio::const_buffer> buffers_;
  std::size_t bytes_ = 0;
  bool keeps_ = false;  // a response has something that it keeps until it has been sent
};

}  // namespace offloader::http
