#include "offloader/transport/url_encoding.h"

#include <algorithm>
#include <boost/url/encode.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <utility>
#include <vector>

namespace offloader::transport {

using boost::urls::unreserved_chars;

std::string encode_path(std::string_view key) {
  return boost::urls::encode(key, unreserved_chars + '/');
}

std::string encode_component(std::string_view text) {
  return boost::urls::encode(text, unreserved_chars);
}

std::string encode_query(const Query& query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : query) pairs.emplace_back(encode_component(name), encode_component(value));
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out.push_back('&');
    out.append(name).append("=").append(value);
  }
  return out;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  const auto escaped = boost::urls::make_pct_string_view(text);
  if (!escaped) return std::nullopt;
  boost::urls::encoding_opts options;
  options.space_as_plus = plus_is_space;
  return escaped->decode(options);
}

}  // namespace offloader::transport
