#include "offloader/http/router.h"

namespace offloader::http {

PathPattern::PathPattern(std::string text) : text_(std::move(text)) {
  std::string_view left = text_;
  const auto literal = [&left] {
    const std::size_t end = std::min(left.find('{'), left.size());
    std::string out(left.substr(0, end));
    left.remove_prefix(end);
    return out;
  };
  prefix_ = literal();
  while (!left.empty()) {
    const std::size_t end = left.find('}');
    const bool rest = left.substr(0, end).ends_with("...");
    left.remove_prefix(end + 1);
    pieces_.push_back({rest, literal()});
  }
}

bool PathPattern::matches(std::string_view path, Captures& captures) const {
  if (!path.starts_with(prefix_)) return false;
  path.remove_prefix(prefix_.size());
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::size_t end = pieces_[i].rest ? path.size() : std::min(path.find('/'), path.size());
    captures[i] = path.substr(0, end);
    path.remove_prefix(end);
    if (!path.starts_with(pieces_[i].literal)) return false;
    path.remove_prefix(pieces_[i].literal.size());
  }
  return path.empty();
}

}  // namespace offloader::http
