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

// One ListObjectsV2 answer, of S3 or of Google's XML API. `unavailable` for what is none.
[[nodiscard]] Result<ListingPage> parse_s3_listing(std::string_view xml);

// An ETag without its quotes; a weak one keeps its mark.
[[nodiscard]] std::string unquoted_etag(const std::string& etag);

}  // namespace offloader::object_store
