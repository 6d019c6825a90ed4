#include "page_cursor.h"

#include <algorithm>

#include "offloader/base/base64url.h"

namespace offloader::api {
namespace {

// The bytes that the keys of a cursor may have: what is left of kMostText, in base64, by the seal and by the
// other fields.
constexpr std::size_t kMostKeys = Cursors::kMostText / 4 * 3 - Seal::kNonce - Seal::kTag - 256;

// Returns the name of a param of a query string, or an empty text if it is not valid.
std::string name_of(std::string_view pair) {
  const auto read = query::decode_query_string(pair.substr(0, pair.find('=')));
  return read && !read->empty() ? (*read)[0].name : std::string();
}

// Appends a part of a target so that it can stand between `<` and `>` of a Link.
void append_target(std::string& out, std::string_view part) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && c != '<' && c != '>' && c != '"') {
      out.push_back(c);
    } else {
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 0xF]});
    }
  }
}

// Returns the target of the next page, up to the cursor itself.
std::string link_of(const http::Request& request) {
  std::string link;
  append_target(link, request.path());
  char before = '?';
  for (std::string_view rest = request.query(); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::string name = name_of(pair);
    if (pair.empty() || name == "cursor" || name == "offset") continue;
    link.push_back(before);
    append_target(link, pair);
    before = '&';
  }
  link.push_back(before);
  return link.append("cursor=");
}

}  // namespace

std::optional<query::Cursor> Cursors::open(std::string_view text, const std::string& binding) const {
  if (text.size() > kMostText) return std::nullopt;
  const auto sealed = from_base64url(text);
  if (!sealed) return std::nullopt;
  const auto bytes = seal_->open(*sealed, binding);
  return bytes ? query::decode_cursor(*bytes) : std::nullopt;
}

std::shared_ptr<PageCursor> Cursors::begin(const Exchange& exchange, const query::Params& params) const {
  auto page = std::make_shared<PageCursor>();
  page->binding = query::cursor_binding(exchange.endpoint->contract->name, exchange.grant->tenant, params);
  const auto sent = std::find_if(params.begin(), params.end(),
                                 [](const query::SentParam& param) { return param.name == "cursor"; });
  if (sent != params.end()) page->before = open(sent->value, page->binding);
  if (page->before) page->moment = page->before->moment;
  if (!exchange.is_post()) page->link = link_of(*exchange.request);
  return page;
}

void Cursors::set_next(const Exchange& exchange, PageCursor& page) const {
  const serving::CachedAnswer& answer = *exchange.answer;
  query::Cursor next = query::next_cursor(page.start, page.before ? &*page.before : nullptr, *answer.end(),
                                          answer.row_count(), kMostKeys);
  next.contract = exchange.endpoint->compiler->fingerprint();
  next.snapshot = exchange.endpoint->snapshot->fingerprint;
  next.moment = page.moment;
  page.next = to_base64url(seal_->close(encode(next), page.binding));
}

}  // namespace offloader::api
