#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/clock.h"
#include "offloader/base/result.h"

namespace offloader::object_store {

struct ListedObject {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;        // without quotes
  std::string generation;  // Google's
  SystemTime modified{};
};

struct ListingPage {
  std::vector<ListedObject> objects;
  std::string next;  // continuation token; empty on the last page
};

// Parses one ListObjectsV2 answer, of S3 or of Google's XML API. Errors: unavailable if it is not one.
[[nodiscard]] Result<ListingPage> parse_s3_listing(std::string_view xml);

// Returns an ETag without its quotes. A weak one is returned unchanged.
[[nodiscard]] std::string unquoted_etag(const std::string& etag);

}  // namespace offloader::object_store
