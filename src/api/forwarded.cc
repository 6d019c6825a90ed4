#include "forwarded.h"

#include <cstddef>

#include "offloader/base/ascii.h"

namespace offloader::api {
namespace {

// RFC 9110, 5.6.2. Proxies also write addresses with port and brackets without the quotes that they need.
bool may_stand_alone(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~:[]/";
  return ascii::is_alnum(c) || kOthers.find(c) != std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  void skip_space() {
    while (!at_end() && ascii::is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view take_word() {
    const std::size_t from = at_;
    while (!at_end() && may_stand_alone(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }
  // Returns a word or the content of a quoted string.
  std::optional<std::string> take_value() {
    if (!take('"')) return std::string(take_word());
    std::string out;
    while (!at_end()) {
      if (take('"')) return out;
      if (take('\\') && at_end()) break;
      out += text_[at_++];
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<std::string>> forwarded_for(std::string_view header) {
  std::vector<std::string> out;
  Reader reader(header);
  do {
    std::optional<std::string> node;
    do {
      reader.skip_space();
      const std::string_view name = reader.take_word();
      if (!name.empty()) {
        if (!reader.take('=')) return std::nullopt;
        auto value = reader.take_value();
        const bool is_for = ascii::iequals(name, "for");
        if (!value || (is_for && node)) return std::nullopt;
        if (is_for) node = std::move(value);
      }
      reader.skip_space();
    } while (reader.take(';'));
    out.push_back(std::move(node).value_or(std::string()));
  } while (reader.take(','));
  if (!reader.at_end()) return std::nullopt;
  return out;
}

}  // namespace offloader::api
