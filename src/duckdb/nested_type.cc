#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nested_json.h"
#include "offloader/base/ascii.h"

namespace offloader::duckdb {
namespace {

// The leaves that offloader_nested_json writes. All others are cast to VARCHAR, as to_json() does.
constexpr std::array<std::string_view, 19> kWritten = {
    "BOOLEAN",  "TINYINT",   "SMALLINT", "INTEGER", "BIGINT",       "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT",        "DOUBLE",
    "VARCHAR",  "JSON",      "DATE",     "UUID",    "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP"};

// Reads a type as DESCRIBE writes it, and rewrites its leaves.
class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text) {}

  std::optional<std::string> read() {
    auto out = type();
    if (!out || at_ != text_.size() || !wanted_) return std::nullopt;
    return out;
  }

 private:
  static constexpr int kMaxDepth = 256;

  [[nodiscard]] bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  // A member's name, with its quotes.
  std::optional<std::string> name() {
    const std::size_t begin = at_;
    if (take("\"")) {
      for (; at_ < text_.size(); ++at_) {
        if (text_[at_] != '"') continue;
        if (text_.substr(at_ + 1, 1) != "\"") break;
        ++at_;
      }
      if (!take("\"")) return std::nullopt;
    } else {
      while (at_ < text_.size() && text_[at_] != ' ') ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::optional<std::string> members() {
    std::string out = "STRUCT(";
    do {
      const auto named = name();
      if (!named || !take(" ")) return std::nullopt;
      const auto of = type();
      if (!of) return std::nullopt;
      out += *named + " " + *of;
      if (take(")")) return out + ")";
      out += ", ";
    } while (take(", "));
    return std::nullopt;
  }

  std::optional<std::string> map() {
    const auto key = type();
    if (!key || !take(", ")) return std::nullopt;
    const auto value = type();
    if (!value || !take(")")) return std::nullopt;
    return fmt::format("MAP({}, {})", *key, *value);
  }

  std::optional<std::string> leaf() {
    const std::size_t begin = at_;
    int open = 0;  // DECIMAL(12,2), ENUM('a', 'b')
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\'') quoted = !quoted;
      if (quoted) continue;
      if (open == 0 && (c == ',' || c == ')' || c == '[')) break;
      if (c == '(') ++open;
      if (c == ')') --open;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty() || quoted || open != 0) return std::nullopt;
    const bool decimal = word.starts_with("DECIMAL(");
    wanted_ = wanted_ || decimal || word.starts_with("TIMESTAMP");
    if (decimal || std::ranges::find(kWritten, word) != kWritten.end()) return std::string(word);
    return word.starts_with("TIMESTAMP_") ? "TIMESTAMP" : "VARCHAR";
  }

  std::optional<std::string> type() {
    if (++depth_ > kMaxDepth) return std::nullopt;
    // A UNION becomes the text of its value, as leaf() makes of every type that is not written.
    std::optional<std::string> out = take("STRUCT(") ? members() : take("MAP(") ? map() : leaf();
    --depth_;
    while (out && take("[")) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && ascii::is_digit(text_[at_])) ++at_;
      *out += fmt::format("[{}]", text_.substr(begin, at_ - begin));
      if (!take("]")) return std::nullopt;
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool wanted_ = false;  // a decimal or timestamp was found
};

}  // namespace

std::optional<std::string> written_type(std::string_view type) {
  return TypeReader(type).read();
}

std::string nested_sql(std::string_view type, const std::string& raw) {
  const auto written = written_type(type);
  if (!written) return fmt::format("CAST(to_json({}) AS VARCHAR)", raw);
  return fmt::format("offloader_nested_json({})",
                     *written == type ? raw : fmt::format("CAST({} AS {})", raw, *written));
}

}  // namespace offloader::duckdb
