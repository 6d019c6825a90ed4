#include "cursor_docs.h"

namespace offloader::admin {
namespace {

constexpr int kMostText = 4096;  // consumer-api.md, "Cursors"

}  // namespace

bool pages_by_cursor(const catalog::Endpoint& endpoint) {
  return endpoint.cursor != catalog::CursorPaging::off;
}

Json cursor_param() {
  return {{"name", "cursor"},          {"type", "string"},
          {"required", false},         {"enum", nullptr},
          {"default", nullptr},        {"max_length", kMostText},
          {"aliases", Json::object()}, {"description", cursor_description()}};
}

const char* cursor_description() {
  return "The `next_cursor` of the page before. Asks for the rows after it; the other params but `limit` "
         "stay "
         "the same.";
}

Json cursor_schema() {
  return {{"type", "string"}, {"minLength", 1}, {"maxLength", kMostText}, {"pattern", "^[A-Za-z0-9_-]+$"}};
}

void add_cursor(Json& meta) {
  meta["required"].push_back("next_cursor");
  Json& properties = meta["properties"];
  properties["next_cursor"] = {
      {"type", Json::array({"string", "null"})},
      {"description", "The param `cursor` of the next page; null on the last page."}};
  properties["snapshot_changed"] = {
      {"type", "boolean"},
      {"description",
       "With `cursor`: whether the page is of another snapshot than the page before, because the earlier "
       "one is no longer kept."}};
}

const char* when_expired(const catalog::Endpoint& endpoint) {
  return endpoint.cursor == catalog::CursorPaging::strict
             ? "the contract has changed since the cursor was made, or its snapshot is no longer kept: begin "
               "again with the first page"
             : "the contract has changed since the cursor was made: begin again with the first page";
}

}  // namespace offloader::admin
