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

// From the bytes of a connection to requests, one after the other; knows no socket. What was read ahead stays
// for the next request; the bytes of a request stay where they are until next().
class RequestReader {
 public:
  enum class Progress {
    need_more,      // read into space() and call received()
    send_continue,  // the same, but the client waits for `100 Continue` first; said once a request
    head,           // head() is a request that has a body: say which by skip_body() or keep_body()
    complete,       // head() is a request whose body has been passed over, or is kept
    refused,        // refusal() says why; the stream has no next request
  };

  explicit RequestReader(const Limits& limits);

  // Where bytes may be put, of at least one byte while advance() says need_more. While a request is complete
  // the space only shrinks: that is the bound on reading ahead.
  [[nodiscard]] std::span<char> space() {
    if (content_ > 0) drop_content();
    return {data_.get() + end_, capacity_ - end_};
  }
  void received(std::size_t bytes) { end_ += bytes; }

  [[nodiscard]] Progress advance();
  [[nodiscard]] const RequestHead& head() const { return head_; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

  // The body is nobody's: advance() passes over it. One that is too large is refused at once.
  void skip_body();
  // The body stays for read_body().
  void keep_body();

  // What has come of a kept body: `need_more` (also with no bytes yet), `complete` at its end, `refused`. The
  // bytes are valid until the next call of a function that is not const.
  struct Piece {
    Progress progress = Progress::complete;
    std::string_view bytes;
  };
  [[nodiscard]] Piece read_body();
  // Whether some of the kept body was not read. What has come of it is passed over.
  [[nodiscard]] bool body_left();
  // Whether the client waits for `100 Continue` before it sends the body, which is said once.
  [[nodiscard]] bool must_send_continue();

  // Gives up the complete request and its views.
  void next();

  // Whether some byte of an unfinished request is here.
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
  std::size_t begin_ = 0;     // of the request
  std::size_t end_ = 0;       // of what was received
  std::size_t scanned_ = 0;   // up to here lines have been looked at
  std::size_t line_ = 0;      // where the line being looked at begins
  std::size_t head_end_ = 0;  // of the request; 0 until it is known
  std::size_t line_end_ = 0;  // of the request line, with its CRLF; 0 until it is known
  Phase phase_ = Phase::head;
  unsigned empty_lines_ = 0;  // before the request
  RequestHead head_;
  BodyDecoder body_;
  std::size_t content_ = 0;  // bytes behind the head that read_body() has handed out
  bool waits_for_continue_ = false;
  Refusal refusal_;
};

}  // namespace offloader::http
