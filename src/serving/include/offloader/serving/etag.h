#pragma once

#include <array>
#include <string>
#include <string_view>

#include "offloader/base/crypto.h"

namespace offloader::serving {

struct ServedSnapshot;

// An ETag is `W/"{tag of the question}{edition}"` (consumer-api.md, "Caching"). Both parts are keyed by the
// master secret, so that they are equal on every replica and reveal nothing without the secret. The tag
// changes if the rows may have changed, and is kept with a cached answer. The edition changes if what `meta`
// says about the snapshot changes, even if the rows are the same: its id, its watermark, and whether it is
// stale.
using EditionText = std::array<char, 16>;

struct Editions {
  EditionText fresh{};
  EditionText stale{};
};

// Returns the editions of a snapshot, for when it is fresh and when it is stale.
[[nodiscard]] Editions editions_of(const Sha256& etag_key, const ServedSnapshot& snapshot);

// Appends the complete ETag, quotes included.
void append_etag(std::string& out, std::string_view tag, const Editions& editions, bool stale);

}  // namespace offloader::serving
