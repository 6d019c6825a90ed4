#include "outdated_answers.h"

#include <algorithm>
#include <vector>

namespace offloader::app {

void drop_outdated(serving::ResponseCache& cache, const serving::Generation& now) {
  std::vector<serving::CacheScope> live;
  for (const auto& [name, endpoint] : now.endpoints) {
    if (endpoint.snapshot) live.push_back({endpoint.compiler->fingerprint(), endpoint.snapshot->fingerprint});
    if (endpoint.previous)
      live.push_back({endpoint.compiler->fingerprint(), endpoint.previous->snapshot->fingerprint});
  }
  std::sort(live.begin(), live.end());
  cache.retain([live = std::move(live)](const serving::CacheScope& scope) {
    return std::binary_search(live.begin(), live.end(), scope);
  });
}

}  // namespace offloader::app
