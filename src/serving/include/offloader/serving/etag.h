#pragma once

#include <array>
#include <string>
#include <string_view>

#include "offloader/base/crypto.h"

namespace offloader::serving {

struct ServedSnapshot;

// An ETag has two parts, both keyed by the master secret, so that they are equal on every replica and tell
// nothing to who lacks it: `W/"{tag of the question}{edition}"` (consumer-api.md, "Caching"). The tag changes
// when the rows could, and stays with a cached answer. The edition changes when what `meta` says of the
// snapshot does, also where the rows are the same: its id, its watermark, and whether it is stale.
using EditionText = std::array<char, 16>;

struct Editions {
  EditionText fresh{};
  EditionText stale{};
};

[[nodiscard]] Editions editions_of(const Sha256& etag_key, const ServedSnapshot& snapshot);

void append_etag(std::string& out, std::string_view tag, const Editions& editions, bool stale);

}  // namespace offloader::serving
