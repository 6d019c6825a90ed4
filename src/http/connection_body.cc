#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "connection.h"
#include "offloader/base/ascii.h"

// Bodies that are never in memory as a whole: a request body is read when the handler asks for it, and a
// response body is sent while it is produced.
namespace offloader::http {

namespace asio = boost::asio;

// Waits for the answer, and meanwhile reads the body for the handler. Returns false if the client goes away
// first or the connection is closed.
asio::awaitable<bool> Connection::await_answer() {
  while (!answer_) {
    // Keep the co_await out of the condition: GCC 12 resumes the wrong frame after a co_await in the
    // condition of a nested if.
    bool here = false;
    if (read_ != nullptr) {
      here = co_await read_piece();
    } else {
      here = co_await await_wake();
    }
    if (!here) co_return false;
  }
  woken_ = false;
  co_return wire_.open();
}

// Reads the next piece of the body and calls back with it, with the end, or with the error. Returns false if
// the connection ends first.
asio::awaitable<bool> Connection::read_piece() {
  for (;;) {
    const RequestReader::Piece piece = reader_.read_body();
    if (!piece.bytes.empty() || piece.progress != RequestReader::Progress::need_more) {
      const auto done = std::exchange(read_, nullptr);
      if (!piece.bytes.empty() || piece.progress == RequestReader::Progress::complete) {
        done(piece.bytes);
      } else {
        const Refusal& refusal = reader_.refusal();
        done(fail(refusal.status == 413 ? ErrorCode::too_large : ErrorCode::bad_request,
                  std::string(refusal.message)));
      }
      co_return true;
    }
    if (reader_.must_send_continue()) {
      queue_.add_continue();
      if (!co_await write_out()) co_return false;
    }
    const auto begun = std::chrono::steady_clock::now();
    deadline_ = loop_->deadline(std::chrono::duration_cast<std::chrono::milliseconds>(body_time_left_));
    const bool received = co_await receive();
    deadline_ = Deadline::max();
    if (!received) co_return false;
    body_time_left_ -= std::min(body_time_left_, std::chrono::steady_clock::now() - begun);
  }
}

bool Connection::wants_trailers() const {
  const std::string_view accepted = reader_.head().header("te").value_or(std::string_view());
  for (std::string_view left = accepted; !left.empty();) {
    const std::size_t comma = std::min(left.find(','), left.size());
    std::string_view word = left.substr(0, comma);
    left.remove_prefix(std::min(comma + 1, left.size()));
    while (!word.empty() && ascii::is_blank(word.front())) word.remove_prefix(1);
    while (!word.empty() && ascii::is_blank(word.back())) word.remove_suffix(1);
    if (ascii::iequals(word, "trailers")) return true;
  }
  return false;
}

// Sends the body of stream_ as its producer writes it, and lets the producer continue as the socket takes it.
// Returns false if the body was not completed: the client went away, or the producer gave up.
asio::awaitable<bool> Connection::write_stream(Length length, bool wants_trailers) {
  // Whatever ends the connection now, a killed process too, resets it: an orderly close would complete a body
  // without chunks, and some clients take it for the end of the body between two chunks as well.
  wire_.set_close(Wire::Close::reset);
  for (;;) {
    StreamBuffer::Taken taken = stream_->take();
    for (std::string& piece : taken.pieces) queue_.add_piece(std::move(piece), length);
    if (taken.end == StreamBuffer::End::finished && length == Length::chunked)
      queue_.add_last_chunk(wants_trailers ? taken.trailers : std::string_view());
    // The end of the connection within a chunk is an error to every client, and a clearer one than a reset.
    if (taken.end == StreamBuffer::End::abandoned && length == Length::chunked)
      queue_.add_piece("1\r\n", Length::to_end);
    if (!queue_.empty() && !co_await write_out()) co_return false;
    stream_->sent(taken.bytes);
    const bool finished = taken.end == StreamBuffer::End::finished;
    if (finished) wire_.set_close(Wire::Close::orderly);
    if (taken.end == StreamBuffer::End::abandoned && length == Length::chunked)
      wire_.set_close(Wire::Close::broken);
    if (finished) stream_.reset();
    if (taken.end != StreamBuffer::End::open) co_return finished;
    if (taken.bytes == 0 && !co_await await_wake()) co_return false;
  }
}

}  // namespace offloader::http
