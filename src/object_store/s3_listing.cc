#include "s3_listing.h"

#include <charconv>
#include <pugixml.hpp>

#include "offloader/base/timestamp.h"
#include "offloader/transport/url_encoding.h"

namespace offloader::object_store {
namespace {

tl::unexpected<Error> bad(const char* why) {
  return fail(ErrorCode::unavailable, "cannot parse the store's listing", why);
}

}  // namespace

std::string unquoted_etag(const std::string& etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

Result<ListingPage> parse_s3_listing(std::string_view xml) {
  pugi::xml_document document;
  // Keep whitespace: a key may be a single space.
  const unsigned options = pugi::parse_default | pugi::parse_ws_pcdata_single;
  if (!document.load_buffer(xml.data(), xml.size(), options, pugi::encoding_utf8))
    return bad("the answer is not XML");
  const pugi::xml_node root = document.child("ListBucketResult");
  if (!root) return bad("the answer has no ListBucketResult");
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  ListingPage page;
  for (const pugi::xml_node node : root.children("Contents")) {
    ListedObject object;
    object.key = node.child_value("Key");
    if (encoded) {
      auto decoded = transport::decode(object.key, true);
      if (!decoded) return bad("a key has invalid percent-encoding");
      object.key = std::move(*decoded);
    }
    if (object.key.empty()) return bad("an object has no key");
    const std::string_view size = node.child_value("Size");
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), object.size);
    if (error != std::errc() || end != size.data() + size.size()) return bad("an object has no valid size");
    object.etag = unquoted_etag(node.child_value("ETag"));
    object.generation = node.child_value("Generation");
    if (const auto modified = parse_iso8601(node.child_value("LastModified"))) object.modified = *modified;
    page.objects.push_back(std::move(object));
  }
  if (std::string_view(root.child_value("IsTruncated")) == "true") {
    page.next = root.child_value("NextContinuationToken");
    if (page.next.empty()) return bad("a truncated page has no NextContinuationToken");
  }
  return page;
}

}  // namespace offloader::object_store
