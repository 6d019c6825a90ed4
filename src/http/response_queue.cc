#include "response_queue.h"

#include <boost/beast/http/status.hpp>
#include <charconv>

namespace offloader::http {

namespace {

// A client that does not read can leave this much of an answer unsent without keeping its place.
constexpr std::size_t kLastPart = 64 << 10;

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append(digits, end);
}

void append_hex_number(std::string& out, std::size_t number) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number, 16).ptr;
  out.append(digits, end);
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(status));
  out.push_back(' ');
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  out.append(reason.data(), reason.size()).append("\r\n");
}

}  // namespace

void ResponseQueue::add(Response response, const Framing& framing, std::string_view date) {
  const std::size_t from = heads_.size();
  // RFC 9110, 8.6 and 15.4.5: these responses have no body, and a length would announce one.
  const bool bodyless = response.status == 204 || response.status == 304 || response.status < 200;
  append_status_line(heads_, response.status);
  heads_.append(response.headers);
  heads_.append("Date: ").append(date);
  if (!bodyless && framing.length == Length::counted) {
    heads_.append("\r\nContent-Length: ");
    append_number(heads_, response.body.size());
  } else if (!bodyless && framing.length == Length::chunked) {
    heads_.append("\r\nTransfer-Encoding: chunked");
  }
  if (!framing.keep_alive) {
    heads_.append("\r\nConnection: close\r\n\r\n");
  } else if (!framing.http11) {
    heads_.append("\r\nConnection: keep-alive\r\n\r\n");
  } else {
    heads_.append("\r\n\r\n");
  }
  add_head_segment(from);
  if ((bodyless || framing.head) && response.until_sent == nullptr) return;

  keeps_ = keeps_ || response.until_sent != nullptr;
  responses_.push_back(std::move(response));
  if (bodyless || framing.head) return;
  for (const Body::Piece& piece : responses_.back().body.pieces()) {
    const std::string_view bytes = piece.bytes();
    segments_.push_back({bytes.data(), 0, bytes.size()});
    bytes_ += bytes.size();
  }
}

void ResponseQueue::add_continue() {
  const std::size_t from = heads_.size();
  heads_.append("HTTP/1.1 100 Continue\r\n\r\n");
  add_head_segment(from);
}

void ResponseQueue::add_piece(std::string bytes, Length length) {
  const std::size_t from = heads_.size();
  if (length == Length::chunked) {
    append_hex_number(heads_, bytes.size());
    heads_.append("\r\n");
    add_head_segment(from);
  }
  Response piece;
  piece.body.append(std::move(bytes));
  responses_.push_back(std::move(piece));
  const std::string_view text = responses_.back().body.pieces().front().bytes();
  segments_.push_back({text.data(), 0, text.size()});
  bytes_ += text.size();
  if (length == Length::chunked) {
    const std::size_t behind = heads_.size();
    heads_.append("\r\n");
    add_head_segment(behind);
  }
}

void ResponseQueue::add_last_chunk(std::string_view trailers) {
  const std::size_t from = heads_.size();
  heads_.append("0\r\n").append(trailers).append("\r\n");
  add_head_segment(from);
}

void ResponseQueue::add_head_segment(std::size_t from) {
  const std::size_t size = heads_.size() - from;
  bytes_ += size;
  if (!segments_.empty() && segments_.back().data == nullptr) {
    segments_.back().size += size;
  } else {
    segments_.push_back({nullptr, from, size});
  }
}

const std::vector<boost::asio::const_buffer>& ResponseQueue::buffers() {
  buffers_.clear();
  for (const Segment& segment : segments_) {
    const char* data = segment.data != nullptr ? segment.data : heads_.data() + segment.offset;
    if (segment.size > 0) buffers_.emplace_back(data, segment.size);
  }
  return buffers_;
}

void ResponseQueue::let_go() {
  if (!keeps_ || bytes_ > kLastPart) return;
  for (Response& response : responses_) response.until_sent.reset();
  keeps_ = false;
}

void ResponseQueue::consume(std::size_t bytes) {
  bytes_ -= bytes;
  if (bytes_ == 0) {
    segments_.clear();
    responses_.clear();
    keeps_ = false;
    buffers_.clear();
    heads_.clear();
    return;
  }
  std::size_t whole = 0;
  while (bytes >= segments_[whole].size) bytes -= segments_[whole++].size;
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(whole));
  Segment& first = segments_.front();
  if (first.data != nullptr) first.data += bytes;
  first.offset += bytes;
  first.size -= bytes;
}

}  // namespace offloader::http
