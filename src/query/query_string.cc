#include <algorithm>

#include "offloader/base/ascii.h"
#include "offloader/base/utf8.h"
#include "offloader/query/params.h"

namespace offloader::query {
namespace {

constexpr std::size_t kMaxQueryBytes = 8 << 10;

tl::unexpected<Error> refuse(std::string_view message) {
  return fail(ErrorCode::invalid_param, std::string(message));
}

// Decodes into `out`, the text's final place: most texts fit its inline buffer and need no allocation.
Result<void> decode(std::string_view text, std::string& out) {
  out.resize(text.size());
  char* to = out.data();
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      const int high = text.size() - i > 2 ? ascii::hex_value(text[i + 1]) : -1;
      const int low = text.size() - i > 2 ? ascii::hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return refuse("the query string has an incomplete percent escape");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return refuse("the query string may not contain NUL");
    *to++ = c;
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  // Checked on each decoded part, because escapes can split a character between a name and a value.
  if (!is_utf8(out)) return refuse("the query string is not valid UTF-8");
  return {};
}

}  // namespace

Result<Params> decode_query_string(std::string_view query) {
  if (query.size() > kMaxQueryBytes) return refuse("the query string is too long");
  Params params;
  const auto pairs = static_cast<std::size_t>(std::count(query.begin(), query.end(), '&')) + 1;
  params.reserve(std::min(pairs, kMaxParams));
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    if (params.size() == kMaxParams) return refuse("too many params");
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto& [name, value, form] = params.emplace_back();
    if (auto read = decode(pair.substr(0, equals), name); !read) return fail(std::move(read.error()));
    if (equals == pair.size()) continue;
    if (auto read = decode(pair.substr(equals + 1), value); !read) return fail(std::move(read.error()));
  }
  return params;
}

}  // namespace offloader::query
