#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace offloader::load {

// Finds the end of one HTTP/1.1 answer in what a connection receives, keeping nothing of the body. One
// connection's; reset between answers.
class ResponseReader {
 public:
  enum class State { more, complete, broken };

  // Takes bytes until the answer is complete; `taken` is how many. No answers overlap, since the generator
  // never pipelines.
  [[nodiscard]] State feed(std::string_view bytes, std::size_t& taken);
  // The connection was closed by the other side: an answer without a length ends so.
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
  std::string held_;  // a head or a line that is not complete yet
  std::uint64_t left_ = 0;
  int status_ = 0;
  bool keeps_open_ = true;
};

}  // namespace offloader::load
