#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace offloader::load {

// Finds the end of an HTTP/1.1 answer in the bytes that a connection receives, without keeping the body. Each
// connection has its own, and resets it before each answer. Not thread-safe.
class ResponseReader {
 public:
  enum class State { more, complete, broken };

  // Consumes bytes until the answer is complete, and sets `taken` to their number. Bytes that are left over
  // are an error of the server, because the generator never pipelines.
  [[nodiscard]] State feed(std::string_view bytes, std::size_t& taken);
  // The state after the server has closed the connection, which completes an answer without a length.
  [[nodiscard]] State end() const;
  void reset();

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] bool keeps_open() const { return keeps_open_; }

 private:
  enum class Phase { head, counted, until_close, chunk_size, chunk_data, chunk_end, trailer };

  [[nodiscard]] bool read_head(std::string_view head);
  [[nodiscard]] State feed_body(std::string_view bytes, std::size_t& taken);
  [[nodiscard]] bool take_line(std::string_view bytes, std::size_t& taken);

  Phase phase_ = Phase::head;
  std::string held_;  // an incomplete head or line
  std::uint64_t left_ = 0;
  int status_ = 0;
  bool keeps_open_ = true;
};

}  // namespace offloader::load
