#include "page_cursor.h"

#include <algorithm>

#include "next_target.h"
#include "offloader/base/base64url.h"

namespace offloader::api {
namespace {

// The bytes that the keys of a cursor may have: what is left of kMostText, in base64, by the seal and by the
// other fields.
constexpr std::size_t kMostKeys = Cursors::kMostText / 4 * 3 - Seal::kNonce - Seal::kTag - 256;

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
  page->binding = query::cursor_binding(exchange.endpoint->contract->name, *exchange.grant->tenant, params);
  const auto sent = std::find_if(params.begin(), params.end(),
                                 [](const query::SentParam& param) { return param.name == "cursor"; });
  if (sent != params.end()) page->before = open(sent->value, page->binding);
  if (page->before) page->moment = page->before->moment;
  if (!exchange.is_post()) page->link = next_target(exchange.target, "cursor");
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
