#include "accept_json.h"

#include <cstring>

#include "offloader/base/ascii.h"
#include "offloader/base/utf8.h"

namespace offloader::duckdb {
namespace {

// A strict RFC 8259 parser that copies its input byte by byte, with `null` in place of non-finite numbers.
// Written by hand because no library does both: nlohmann and simdjson reject the words for such numbers, and
// finite numbers beyond a double or 64 bits; RapidJSON accepts `NaN` and `Infinity` but not `nan` and `inf`.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  bool document() {
    skip_space();
    if (!value(0)) return false;
    skip_space();
    if (at_ != text_.size()) return false;
    out_.append(text_.substr(copied_));
    return true;
  }
  std::string take() { return std::move(out_); }

 private:
  static constexpr int kMaxDepth = 512;

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  bool non_finite(std::string_view spelling) {
    const auto begin = at_;
    if (!word(spelling)) return false;
    out_.append(text_.substr(copied_, begin - copied_)).append("null");
    copied_ = at_;
    return true;
  }
  bool digits() {
    const auto begin = at_;
    while (ascii::is_digit(peek())) ++at_;
    return at_ > begin;
  }
  bool number() {
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }
  bool string() {
    ++at_;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_++]);
      if (c == '"') return true;
      if (c < 0x20) return false;
      if (c != '\\') continue;
      const char escape = peek();
      ++at_;
      if (escape == 'u') {
        for (int i = 0; i < 4; ++i, ++at_) {
          if (!ascii::is_hex(peek())) return false;
        }
      } else if (escape == '\0' || std::strchr("\"\\/bfnrt", escape) == nullptr) {
        return false;
      }
    }
    return false;
  }
  bool members(char close, bool object, int depth) {
    ++at_;
    skip_space();
    if (peek() == close) return ++at_, true;
    while (true) {
      skip_space();
      if (object) {
        if (peek() != '"' || !string()) return false;
        skip_space();
        if (peek() != ':') return false;
        ++at_;
        skip_space();
      }
      if (!value(depth + 1)) return false;
      skip_space();
      const char next = peek();
      ++at_;
      if (next == close) return true;
      if (next != ',') return false;
    }
  }
  bool value(int depth) {
    if (depth > kMaxDepth) return false;
    switch (peek()) {
      case '{':
        return members('}', true, depth);
      case '[':
        return members(']', false, depth);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return non_finite("nan") || word("null");
      case 'N':
        return non_finite("NaN");
      case 'I':
        return non_finite("Infinity");
      case 'i':
        return non_finite("inf");
      case '-':
        return non_finite("-Infinity") || non_finite("-inf") || non_finite("-NaN") || non_finite("-nan") ||
               number();
      default:
        return number();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;
  std::string out_;
};

}  // namespace

std::optional<std::string> accept_json(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  JsonReader reader(text);
  if (!reader.document()) return std::nullopt;
  return reader.take();
}

}  // namespace offloader::duckdb
