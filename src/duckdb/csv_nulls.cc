#include <algorithm>
#include <cstring>
#include <iterator>

#include "csv_input.h"

namespace offloader::duckdb {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool has_escape(std::string_view null, const manifest::CsvDialect& dialect) {
  return dialect.escape != '\0' && null.find(dialect.escape) != std::string_view::npos;
}

// Tracks quotes as CsvGuard does, and holds an unquoted field back as long as it may become a NULL text.
class PlainNulls final : public ByteInput {
 public:
  PlainNulls(std::unique_ptr<ByteInput> input, const manifest::CsvDialect& dialect)
      : input_(std::move(input)),
        delimiter_(dialect.delimiter),
        quote_(dialect.quote),
        escape_(dialect.escape),
        in_(kPiece) {
    std::ranges::copy_if(dialect.nulls, std::back_inserter(nulls_),
                         [&](const std::string& null) { return has_escape(null, dialect); });
  }

  Result<std::uint64_t> read(char* buffer, std::uint64_t length) override {
    while (at_ == out_.size() && !ended_) {
      out_.clear();
      at_ = 0;
      const auto got = input_->read(in_.data(), in_.size());
      if (!got) return got;
      for (std::size_t i = 0; i < *got; ++i) step(in_[i]);
      ended_ = *got == 0;
      if (ended_) end_field();
    }
    const auto count = std::min<std::uint64_t>(length, out_.size() - at_);
    std::memcpy(buffer, out_.data() + at_, count);
    at_ += count;
    return count;
  }
  void rewind() override {
    input_->rewind();
    out_.clear();
    held_.clear();
    at_ = 0;
    mark_ = 0;
    ended_ = false;
    state_ = State::field_start;
  }
  std::uint64_t size() const override { return input_->size(); }
  std::uint64_t consumed() const override { return input_->consumed(); }

 private:
  enum class State : std::uint8_t { field_start, spaces, plain, quoted, escaped, after_quote };

  void step(char c) {
    if (mark_ < kByteOrderMark.size()) {
      if (c == kByteOrderMark[mark_]) {
        ++mark_;
        out_ += c;
        return;
      }
      if (mark_ > 0) state_ = State::plain;
      mark_ = kByteOrderMark.size();
    }
    switch (state_) {
      case State::quoted:
        if (escape_ != quote_ && c == escape_) {
          state_ = State::escaped;
        } else if (c == quote_) {
          state_ = State::after_quote;
        }
        out_ += c;
        return;
      case State::escaped:
        state_ = State::quoted;
        out_ += c;
        return;
      case State::after_quote:
        if (c == quote_ && escape_ == quote_) {
          state_ = State::quoted;
          out_ += c;
          return;
        }
        state_ = State::plain;
        break;
      case State::field_start:
      case State::spaces:
      case State::plain:
        break;
    }
    if (c == delimiter_ || c == '\n' || c == '\r') {
      end_field();
      out_ += c;
      return;
    }
    if (state_ == State::plain) {
      out_ += c;
      return;
    }
    const bool only_spaces = held_.find_first_not_of(' ') == std::string::npos;
    held_ += c;
    if (quote_ != '\0' && c == quote_ && only_spaces) {
      state_ = State::quoted;
    } else if (state_ == State::field_start && begins_null(held_)) {
      return;
    } else {
      state_ = only_spaces && c == ' ' ? State::spaces : State::plain;
    }
    out_ += held_;
    held_.clear();
  }
  void end_field() {
    const bool null = state_ == State::field_start && std::ranges::find(nulls_, held_) != nulls_.end();
    out_ += null ? kNullText : std::string_view(held_);
    held_.clear();
    state_ = State::field_start;
  }
  [[nodiscard]] bool begins_null(std::string_view text) const {
    return std::ranges::any_of(nulls_, [&](const std::string& null) { return null.starts_with(text); });
  }

  const std::unique_ptr<ByteInput> input_;
  const char delimiter_;
  const char quote_;
  const char escape_;
  std::vector<std::string> nulls_;
  std::vector<char> in_;
  std::string out_;  // not yet read from `at_` on
  std::size_t at_ = 0;
  std::string held_;      // the beginning of the field, which is one of a NULL text
  std::size_t mark_ = 0;  // bytes of the byte order mark matched; all of them once it cannot follow
  bool ended_ = false;
  State state_ = State::field_start;
};

}  // namespace

std::vector<std::string> nulls_for_duckdb(const manifest::CsvDialect& dialect) {
  std::vector<std::string> out;
  std::ranges::copy_if(dialect.nulls, std::back_inserter(out),
                       [&](const std::string& null) { return !has_escape(null, dialect); });
  // Also for an empty list, which would mean the empty text.
  if (out.empty() || needs_plain_nulls(dialect)) out.emplace_back(kNullText);
  return out;
}

bool needs_plain_nulls(const manifest::CsvDialect& dialect) {
  return std::ranges::any_of(dialect.nulls,
                             [&](const std::string& null) { return has_escape(null, dialect); });
}

std::unique_ptr<ByteInput> with_plain_nulls(std::unique_ptr<ByteInput> input,
                                            const manifest::CsvDialect& dialect) {
  return std::make_unique<PlainNulls>(std::move(input), dialect);
}

}  // namespace offloader::duckdb
