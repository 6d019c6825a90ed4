#include "offloader/object_store/content_encoding.h"

#include <algorithm>
#include <string>

#include "offloader/base/ascii.h"
#include "offloader/base/url.h"

namespace offloader::object_store {

bool encoding_fits_name(std::string_view encoding, std::string_view url) {
  if (is_web_url(url)) url = url.substr(0, url.find('?'));
  std::string text;
  for (const char c : encoding) {
    if (!ascii::is_blank(c)) text += ascii::to_lower(c);
  }
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view one = std::string_view(text).substr(at, end - at);
    at = end + 1;
    // SDKs that upload in chunks leave `aws-chunked` behind, although the bytes are plain.
    if (one.empty() || one == "identity" || one == "aws-chunked") continue;
    if ((one == "gzip" || one == "x-gzip") && url.ends_with(".gz")) continue;
    if (one == "zstd" && url.ends_with(".zst")) continue;
    return false;
  }
  return true;
}

}  // namespace offloader::object_store
