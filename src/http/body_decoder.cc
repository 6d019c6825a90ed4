#include "body_decoder.h"

#include <algorithm>
#include <cstring>

#include "offloader/base/ascii.h"

namespace offloader::http {

namespace {

constexpr Refusal kBadChunk{400, "the chunked body is malformed"};
constexpr Refusal kTooLarge{413, "the request body is too large"};

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

bool is_token(char c) {
  return ascii::is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

void BodyDecoder::start_length(std::uint64_t length) {
  remaining_ = length;
  state_ = length == 0 ? State::done : State::length;
}

void BodyDecoder::start_chunked(std::size_t max_body, std::size_t max_headers) {
  state_ = State::size;
  remaining_ = 0;
  digits_ = 0;
  content_left_ = max_body;
  // The worst sensible sender frames each byte as a chunk of its own, with five bytes of framing.
  framing_left_ = 5 * static_cast<std::uint64_t>(max_body) + max_headers;
}

BodyDecoder::Step BodyDecoder::feed(std::span<char> bytes) {
  Step step;
  while (step.taken < bytes.size() && state_ != State::done) {
    if (state_ == State::length || state_ == State::data) {
      const std::uint64_t taken = std::min<std::uint64_t>(remaining_, bytes.size() - step.taken);
      if (step.content != step.taken && taken > 0)
        std::memmove(bytes.data() + step.content, bytes.data() + step.taken, static_cast<std::size_t>(taken));
      step.content += static_cast<std::size_t>(taken);
      step.taken += static_cast<std::size_t>(taken);
      remaining_ -= taken;
      if (remaining_ == 0) state_ = state_ == State::length ? State::done : State::data_cr;
      continue;
    }
    if (framing_left_-- == 0) {
      step.refusal = kTooLarge;
      return step;
    }
    step.refusal = take(bytes[step.taken++]);
    if (step.refusal) return step;
  }
  step.done = state_ == State::done;
  return step;
}

std::optional<Refusal> BodyDecoder::take(char c) {
  const auto expect = [&](char wanted, State next) -> std::optional<Refusal> {
    if (c != wanted) return kBadChunk;
    state_ = next;
    return std::nullopt;
  };
  switch (state_) {
    case State::size:
      if (const int digit = ascii::hex_value(c); digit >= 0) {
        if (++digits_ > 16) return kBadChunk;
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
        return std::nullopt;
      }
      if (digits_ == 0) return kBadChunk;
      if (c == ';') {
        state_ = State::extension;
        return std::nullopt;
      }
      return expect('\r', State::size_lf);
    case State::extension:
      if (c == '\r') {
        state_ = State::size_lf;
      } else if (is_control(c)) {
        return kBadChunk;
      }
      return std::nullopt;
    case State::size_lf:
      if (c != '\n') return kBadChunk;
      digits_ = 0;
      if (remaining_ > content_left_) return kTooLarge;
      content_left_ -= remaining_;
      state_ = remaining_ == 0 ? State::trailer_start : State::data;
      return std::nullopt;
    case State::data_cr:
      return expect('\r', State::data_lf);
    case State::data_lf:
      return expect('\n', State::size);
    case State::trailer_start:
      if (c == '\r') {
        state_ = State::end_lf;
        return std::nullopt;
      }
      if (!is_token(c)) return kBadChunk;
      state_ = State::trailer_name;
      return std::nullopt;
    case State::trailer_name:
      if (c == ':') {
        state_ = State::trailer_value;
        return std::nullopt;
      }
      return is_token(c) ? std::nullopt : std::optional(kBadChunk);
    case State::trailer_value:
      if (c == '\r') {
        state_ = State::trailer_lf;
        return std::nullopt;
      }
      return is_control(c) ? std::optional(kBadChunk) : std::nullopt;
    case State::trailer_lf:
      return expect('\n', State::trailer_start);
    case State::end_lf:
      return expect('\n', State::done);
    case State::length:
    case State::data:
    case State::done:
      break;
  }
  return kBadChunk;
}

}  // namespace offloader::http
