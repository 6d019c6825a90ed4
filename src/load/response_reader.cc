#include "response_reader.h"

#include <algorithm>
#include <charconv>

#include "offloader/base/ascii.h"

namespace offloader::load {
namespace {

constexpr std::size_t kMaxHead = 64 << 10;

bool read_number(std::string_view text, std::uint64_t& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end != text.data();
}

}  // namespace

void ResponseReader::reset() {
  phase_ = Phase::head;
  held_.clear();
  left_ = 0;
  status_ = 0;
  keeps_open_ = true;
}

bool ResponseReader::read_head(std::string_view head) {
  std::uint64_t status = 0;
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || !read_number(head.substr(9, 3), status))
    return false;
  status_ = static_cast<int>(status);
  keeps_open_ = head[7] != '0';
  bool counted = false;
  bool chunked = false;
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line =
        head.substr(begin, at == std::string_view::npos ? std::string_view::npos : at - begin);
    // Only three headers matter; their first letter, c or t, excludes nearly all others.
    if (line.empty() || (((line[0] | 0x20) != 'c') && ((line[0] | 0x20) != 't'))) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = ascii::trim(line.substr(colon + 1), ascii::is_blank);
    if (ascii::iequals(name, "content-length")) {
      if (!read_number(value, left_)) return false;
      counted = true;
    } else if (ascii::iequals(name, "transfer-encoding")) {
      chunked = ascii::iequals(value, "chunked");
    } else if (ascii::iequals(name, "connection")) {
      if (ascii::iequals(value, "close")) keeps_open_ = false;
      if (ascii::iequals(value, "keep-alive")) keeps_open_ = true;
    }
  }
  if (status_ == 204 || status_ == 304) {
    left_ = 0;
    phase_ = Phase::counted;
  } else if (chunked) {
    phase_ = Phase::chunk_size;
  } else if (counted) {
    phase_ = Phase::counted;
  } else {
    phase_ = Phase::until_close;
    keeps_open_ = false;
  }
  return true;
}

ResponseReader::State ResponseReader::feed(std::string_view bytes, std::size_t& taken) {
  taken = 0;
  if (phase_ == Phase::head) {
    std::size_t end = 0;
    if (held_.empty()) {
      end = bytes.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        held_ = bytes;
        taken = bytes.size();
        return held_.size() > kMaxHead ? State::broken : State::more;
      }
      taken = end + 4;
      if (!read_head(bytes.substr(0, end))) return State::broken;
    } else {
      const std::size_t before = held_.size();
      held_.append(bytes);
      end = held_.find("\r\n\r\n", before > 3 ? before - 3 : 0);
      if (end == std::string_view::npos) {
        taken = bytes.size();
        return held_.size() > kMaxHead ? State::broken : State::more;
      }
      taken = end + 4 - before;
      if (!read_head(std::string_view(held_).substr(0, end))) return State::broken;
      held_.clear();
    }
  }
  return feed_body(bytes, taken);
}

bool ResponseReader::take_line(std::string_view bytes, std::size_t& taken) {
  const std::size_t end = bytes.find('\n', taken);
  if (end == std::string_view::npos) {
    held_.append(bytes.substr(taken));
    taken = bytes.size();
    return false;
  }
  held_.append(bytes.substr(taken, end - taken));
  taken = end + 1;
  if (!held_.empty() && held_.back() == '\r') held_.pop_back();
  return true;
}

ResponseReader::State ResponseReader::feed_body(std::string_view bytes, std::size_t& taken) {
  while (true) {
    switch (phase_) {
      case Phase::head:
        return State::broken;
      case Phase::until_close:
        taken = bytes.size();
        return State::more;
      case Phase::counted:
      case Phase::chunk_data: {
        const std::uint64_t here = std::min<std::uint64_t>(left_, bytes.size() - taken);
        taken += here;
        left_ -= here;
        if (left_ != 0) return State::more;
        if (phase_ == Phase::counted) return State::complete;
        phase_ = Phase::chunk_end;
        break;
      }
      case Phase::chunk_size:
        if (!take_line(bytes, taken)) return held_.size() > kMaxHead ? State::broken : State::more;
        if (!read_number(held_, left_, 16)) return State::broken;
        held_.clear();
        phase_ = left_ == 0 ? Phase::trailer : Phase::chunk_data;
        break;
      case Phase::chunk_end:
        if (!take_line(bytes, taken)) return State::more;
        if (!held_.empty()) return State::broken;
        phase_ = Phase::chunk_size;
        break;
      case Phase::trailer: {
        if (!take_line(bytes, taken)) return held_.size() > kMaxHead ? State::broken : State::more;
        if (held_.empty()) return State::complete;
        held_.clear();
        break;
      }
    }
  }
}

ResponseReader::State ResponseReader::end() const {
  return phase_ == Phase::until_close ? State::complete : State::broken;
}

}  // namespace offloader::load
