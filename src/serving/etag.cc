#include "offloader/serving/etag.h"

#include <algorithm>

#include "offloader/serving/generation.h"

namespace offloader::serving {

namespace {

EditionText edition(const Sha256& key, const ServedSnapshot& snapshot, bool stale) {
  // A question begins with a hash, so this prefix keeps an edition from ever being the tag of a question.
  std::string parts = stale ? "edition, stale:" : "edition, fresh:";
  for (const std::string& part : {snapshot.snapshot_id, snapshot.watermark})
    parts.append(std::to_string(part.size())).append(":").append(part);
  const auto digest = keyed_digest(key, parts);
  const std::string hex = to_hex(digest);
  EditionText out{};
  std::copy_n(hex.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

Editions editions_of(const Sha256& etag_key, const ServedSnapshot& snapshot) {
  return {edition(etag_key, snapshot, false), edition(etag_key, snapshot, true)};
}

void append_etag(std::string& out, std::string_view tag, const Editions& editions, bool stale) {
  const EditionText& edition = stale ? editions.stale : editions.fresh;
  out.append("W/\"").append(tag).append(edition.data(), edition.size()).push_back('"');
}

}  // namespace offloader::serving
