#include "request_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "offloader/base/ascii.h"

namespace offloader::http {

namespace {

constexpr char kTlsHandshake = 0x16;  // the first byte that a TLS client sends

constexpr Refusal kTooLarge{413, "the request body is too large"};

bool may_begin_method(char c) {
  return ascii::is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

RequestReader::RequestReader(const Limits& limits) : limits_(limits), data_(new char[kInitialCapacity]) {}

RequestReader::Progress RequestReader::advance() {
  switch (phase_) {
    case Phase::head:
      return advance_head();
    case Phase::body:
      return advance_body();
    case Phase::decide:
      return Progress::head;
    case Phase::kept:
    case Phase::complete:
      return Progress::complete;
    case Phase::refused:
      break;
  }
  return Progress::refused;
}

RequestReader::Progress RequestReader::refuse(Refusal refusal) {
  phase_ = Phase::refused;
  refusal_ = refusal;
  return Progress::refused;
}

// Returns nullopt once the head is complete.
std::optional<RequestReader::Progress> RequestReader::find_head_end() {
  while (scanned_ < end_) {
    const char* from = data_.get() + scanned_;
    const void* found = std::memchr(from, '\n', end_ - scanned_);
    const std::size_t at =
        found == nullptr ? end_ : scanned_ + static_cast<std::size_t>(static_cast<const char*>(found) - from);

    // Check the bounds first, so that an endless line ends here instead of in memory. The CRLF of a line does
    // not count.
    const std::size_t text_end = at - (at > line_ && data_[at - 1] == '\r' ? 1 : 0);
    if (line_end_ == 0 && text_end - begin_ > limits_.max_request_line)
      return refuse({414, "the request line is too long"});
    if (line_end_ != 0 && at - line_end_ > limits_.max_headers)
      return refuse({431, "the request headers are too large"});

    if (found == nullptr) {
      scanned_ = end_;
      break;
    }
    scanned_ = at + 1;
    // RFC 9112, 2.2: ignore empty lines before a request, because some clients end a body with one. How they
    // end does not matter.
    const bool before = line_end_ == 0 && at == line_;
    if (!before && (at == line_ || data_[at - 1] != '\r'))
      return refuse({400, "a line of the request ends in a bare line feed"});
    const bool empty = before || at - line_ == 1;
    if (line_end_ == 0) {
      if (empty) {
        if (++empty_lines_ > kMaxEmptyLines)
          return refuse({400, "the request does not begin with a request line"});
        begin_ = line_ = scanned_;
        if (begin_ < end_ && !may_begin_method(data_[begin_]) && data_[begin_] != '\r' &&
            data_[begin_] != '\n') {
          return refuse({400, "the request does not begin with a method"});
        }
        continue;
      }
      line_end_ = scanned_;
    } else if (empty) {
      head_end_ = scanned_;
      return std::nullopt;
    } else if (data_[line_] == ' ' || data_[line_] == '\t') {
      return refuse({400, "headers folded over several lines are not supported"});
    }
    line_ = scanned_;
  }
  return Progress::need_more;
}

RequestReader::Progress RequestReader::advance_head() {
  if (begin_ < end_ && data_[begin_] == kTlsHandshake)
    return refuse({400, "this port speaks plain HTTP, not TLS: use http://"});
  if (begin_ < end_ && !may_begin_method(data_[begin_]) && data_[begin_] != '\r' && data_[begin_] != '\n') {
    return refuse({400, "the request does not begin with a method"});
  }
  if (const auto stopped = find_head_end()) {
    if (*stopped == Progress::need_more && end_ == capacity_) make_room(1);
    return *stopped;
  }
  const auto parse = [&] { return head_.parse({data_.get() + begin_, head_end_ - begin_}); };
  if (const auto refusal = parse()) return refuse(*refusal);
  if (!head_.has_body()) {
    phase_ = Phase::complete;
    return Progress::complete;
  }
  // The body is read into the space after the head, and the head cannot move once its views are in use.
  if (capacity_ - head_end_ < kInitialCapacity) {
    make_room(kInitialCapacity);
    if (const auto refusal = parse()) return refuse(*refusal);
  }
  waits_for_continue_ = head_.expects_continue() && head_end_ == end_;
  phase_ = Phase::decide;
  return Progress::head;
}

bool RequestReader::too_large() const {
  return !head_.chunked() && head_.content_length() > limits_.max_body;
}

void RequestReader::start_body() {
  if (head_.chunked()) {
    body_.start_chunked(limits_.max_body, limits_.max_headers);
  } else {
    body_.start_length(head_.content_length());
  }
}

void RequestReader::skip_body() {
  if (too_large()) {
    static_cast<void>(refuse(kTooLarge));
    return;
  }
  start_body();
  phase_ = Phase::body;
}

void RequestReader::keep_body() {
  start_body();
  content_ = 0;
  phase_ = Phase::kept;
}

bool RequestReader::must_send_continue() {
  return std::exchange(waits_for_continue_, false) && head_end_ == end_;
}

RequestReader::Progress RequestReader::advance_body() {
  const bool waits = must_send_continue();
  const BodyDecoder::Step step = body_.feed({data_.get() + head_end_, end_ - head_end_});
  if (step.refusal) return refuse(*step.refusal);
  content_ = step.taken;
  drop_content();
  if (!step.done) return waits ? Progress::send_continue : Progress::need_more;
  phase_ = Phase::complete;
  return Progress::complete;
}

// Closes the gap between the head and the bytes that have not been decoded yet.
void RequestReader::drop_content() {
  const std::size_t rest = end_ - head_end_ - content_;
  if (rest > 0 && content_ > 0)
    std::memmove(data_.get() + head_end_, data_.get() + head_end_ + content_, rest);
  end_ = head_end_ + rest;
  content_ = 0;
}

RequestReader::Piece RequestReader::read_body() {
  drop_content();
  if (phase_ != Phase::kept) return {phase_ == Phase::complete ? Progress::complete : Progress::refused, {}};
  if (too_large()) return {refuse(kTooLarge), {}};
  const BodyDecoder::Step step = body_.feed({data_.get() + head_end_, end_ - head_end_});
  if (step.refusal) return {refuse(*step.refusal), {}};
  content_ = step.taken;
  if (step.done) phase_ = Phase::complete;
  return {step.done ? Progress::complete : Progress::need_more, {data_.get() + head_end_, step.content}};
}

bool RequestReader::body_left() {
  if (phase_ == Phase::kept && !too_large()) static_cast<void>(read_body());
  drop_content();
  return phase_ != Phase::complete;
}

void RequestReader::next() {
  begin_ = head_end_;
  if (begin_ == end_) {
    begin_ = end_ = 0;
    // Do not keep the memory of one large request for an idle connection.
    if (capacity_ > 4 * kInitialCapacity) {
      capacity_ = kInitialCapacity;
      data_.reset(new char[capacity_]);
    }
  } else if (end_ == capacity_) {
    make_room(1);
  }
  scanned_ = line_ = begin_;
  head_end_ = line_end_ = 0;
  empty_lines_ = 0;
  phase_ = Phase::head;
}

void RequestReader::make_room(std::size_t bytes) {
  const std::size_t kept = end_ - begin_;
  if (kept + bytes > capacity_) {
    std::size_t larger = capacity_;
    while (larger < kept + bytes) larger *= 2;
    std::unique_ptr<char[]> moved(new char[larger]);
    std::memcpy(moved.get(), data_.get() + begin_, kept);
    data_ = std::move(moved);
    capacity_ = larger;
  } else {
    std::memmove(data_.get(), data_.get() + begin_, kept);
  }
  const auto shift = [this](std::size_t& position) { position = position > begin_ ? position - begin_ : 0; };
  shift(scanned_);
  shift(line_);
  shift(head_end_);
  shift(line_end_);
  end_ = kept;
  begin_ = 0;
}

}  // namespace offloader::http
