#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "body_decoder.h"
#include "offloader/http/server.h"
#include "request_head.h"

namespace offloader::http {

// Turns the bytes of a connection into requests, one after the other. Knows no socket. Bytes that were read
// ahead are kept for the next request, and the bytes of a request do not move until next(). Owned by its
// connection; not thread-safe.
class RequestReader {
 public:
  enum class Progress {
    need_more,      // read into space() and call received()
    send_continue,  // like need_more, but send `100 Continue` first; at most once a request
    head,           // head() is a request with a body: call skip_body() or keep_body()
    complete,       // head() is a request whose body is skipped, kept or empty
    refused,        // refusal() says why; the connection has no further request
  };

  explicit RequestReader(const Limits& limits);

  // Returns where to put received bytes: at least one byte if advance() returns need_more. While a request is
  // complete the space only shrinks, which bounds how much is read ahead.
  [[nodiscard]] std::span<char> space() {
    if (content_ > 0) drop_content();
    return {data_.get() + end_, capacity_ - end_};
  }
  void received(std::size_t bytes) { end_ += bytes; }

  [[nodiscard]] Progress advance();
  [[nodiscard]] const RequestHead& head() const { return head_; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

  // Skips the body: advance() discards it. A body that is too large is refused at once.
  void skip_body();
  // Keeps the body for read_body().
  void keep_body();

  // The next bytes of a kept body. Progress: `need_more` (possibly with no bytes yet), `complete` at its end,
  // or `refused`. The bytes are valid until the next call of a non-const function.
  struct Piece {
    Progress progress = Progress::complete;
    std::string_view bytes;
  };
  [[nodiscard]] Piece read_body();
  // Returns whether part of the kept body has not been received. What has been received is discarded.
  [[nodiscard]] bool body_left();
  // Returns whether the client waits for `100 Continue` before it sends the body; true at most once a
  // request.
  [[nodiscard]] bool must_send_continue();

  // Drops the complete request and its views, and starts the next one.
  void next();

  // Returns whether part of an unfinished request has been received.
  [[nodiscard]] bool begun() const { return phase_ != Phase::head || end_ > begin_; }

 private:
  enum class Phase { head, decide, body, kept, complete, refused };
  static constexpr std::size_t kInitialCapacity = 2048;
  static constexpr unsigned kMaxEmptyLines = 8;

  [[nodiscard]] Progress advance_head();
  [[nodiscard]] Progress advance_body();
  void start_body();
  [[nodiscard]] bool too_large() const;
  void drop_content();
  [[nodiscard]] Progress refuse(Refusal refusal);
  [[nodiscard]] std::optional<Progress> find_head_end();
  void make_room(std::size_t bytes);

  const Limits& limits_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = kInitialCapacity;
  std::size_t begin_ = 0;     // start of the request
  std::size_t end_ = 0;       // end of the received bytes
  std::size_t scanned_ = 0;   // lines have been checked up to here
  std::size_t line_ = 0;      // start of the line being checked
  std::size_t head_end_ = 0;  // end of the head; 0 until it is known
  std::size_t line_end_ = 0;  // end of the request line and its CRLF; 0 until it is known
  Phase phase_ = Phase::head;
  unsigned empty_lines_ = 0;  // before the request
  RequestHead head_;
  BodyDecoder body_;
  std::size_t content_ = 0;  // bytes after the head that read_body() has consumed
  bool waits_for_continue_ = false;
  Refusal refusal_;
};

}  // namespace offloader::http
