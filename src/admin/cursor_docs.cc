#include "cursor_docs.h"

namespace offloader::admin {
namespace {

constexpr int kMostText = 4096;  // consumer-api.md, "Cursors"

}  // namespace

std::string cursor_description(const catalog::Endpoint& endpoint) {
  const char* const free = endpoint.offers_formats() ? "`limit` and `format`" : "`limit`";
  return "Where the page begins: the `meta.next_cursor` of the page before. The other params must be the "
         "ones of that page; only " +
         std::string(free) + " may differ. Cannot be combined with `offset`.";
}

Json pagination_docs(const catalog::Endpoint& endpoint) {
  Json out = {{"default_limit", endpoint.default_limit}, {"max_limit", endpoint.max_limit}};
  if (endpoint.cursor == catalog::CursorPaging::on) out["cursor"] = true;
  if (endpoint.cursor == catalog::CursorPaging::strict) out["cursor"] = "strict";
  return out;
}

Json cursor_schema() {
  return {{"type", "string"}, {"maxLength", kMostText}, {"pattern", "^[A-Za-z0-9_-]+$"}};
}

void add_cursor_meta(Json& meta) {
  meta["required"].push_back("next_cursor");
  meta["properties"]["next_cursor"] = {
      {"type", Json::array({"string", "null"})},
      {"maxLength", kMostText},
      {"description", "The `cursor` of the next page; null on the last page."}};
  meta["properties"]["snapshot_changed"] = {
      {"type", "boolean"},
      {"description", "Only with `cursor`. Whether the page is from another snapshot than the page before."}};
}

}  // namespace offloader::admin
