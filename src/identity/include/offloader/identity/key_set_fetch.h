#pragma once

#include <string>

#include "offloader/identity/key_sets.h"
#include "offloader/transport/transport.h"

namespace offloader::identity {

// Fetches a key set once, with `If-None-Match` unless `etag` is empty. Follows no redirect. Blocks for at
// most ten seconds. Errors: unavailable, with a message for people; cancelled; too_large.
[[nodiscard]] Result<FetchedKeySet> fetch_key_set(transport::Transport& transport, const std::string& url,
                                                  const std::string& etag, const CancelFlag& cancel);

}  // namespace offloader::identity
