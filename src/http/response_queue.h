#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/http/message.h"

namespace offloader::http {

// How the end of a body is found.
enum class Length {
  counted,  // by Content-Length
  chunked,  // by a last chunk: a body that is made while it is sent
  to_end,   // by the end of the connection: the same for HTTP/1.0
};

// How a response is framed, which depends on what was asked.
struct Framing {
  bool head = false;  // the answer to a HEAD: no body, the length of what a GET would get
  bool http11 = true;
  bool keep_alive = true;
  Length length = Length::counted;
};

// Responses to be written in one gathered write: heads are composed into one string, bodies stay where they
// lie.
class ResponseQueue {
 public:
  // `date` is the value of the Date header.
  void add(Response response, const Framing& framing, std::string_view date);
  void add_continue();

  // A piece of a body whose head was added as `chunked` or `to_end`; not empty.
  void add_piece(std::string bytes, Length length);
  // The end of a chunked body, with complete trailer lines.
  void add_last_chunk(std::string_view trailers);

  [[nodiscard]] bool empty() const { return segments_.empty(); }
  [[nodiscard]] std::size_t count() const { return responses_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // What is to be written, in order; valid until the next call on this queue.
  [[nodiscard]] const std::vector<boost::asio::const_buffer>& buffers();
  // `bytes` of it have been written. Everything is let go once all of it has.
  void consume(std::size_t bytes);

 private:
  struct Segment {
    const char* data;  // null: of heads_, at `offset`
    std::size_t offset;
    std::size_t size;
  };

  void add_head_segment(std::size_t from);

  std::string heads_;
  std::vector<Segment> segments_;
  std::vector<Response> responses_;  // owns what segments point to
  std::vector<boost::asio::const_buffer> buffers_;
  std::size_t bytes_ = 0;
};

}  // namespace offloader::http
