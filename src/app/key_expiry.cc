#include "key_expiry.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "offloader/catalog/catalog.h"
#include "offloader/serving/generation.h"

namespace offloader::app {
namespace {

constexpr std::size_t kMaxKeys = 1'000;
constexpr std::chrono::days kExpiredFor{14};

class KeyExpiry {
 public:
  KeyExpiry(telemetry::Metrics& metrics, const serving::Publication& publication, const Clock& clock)
      : metrics_(metrics), publication_(publication), clock_(clock) {}

  void collect() {
    const SystemTime now = clock_.now();
    const auto catalog = publication_.latest()->catalog;
    if (catalog != chosen_of_.lock() || now >= choose_again_) {
      choose(catalog->keys, now);
      chosen_of_ = catalog;
      choose_again_ = now + std::chrono::minutes(10);
    }
    for (const auto& [id, shown] : shown_)
      shown.gauge->set(std::chrono::duration<double>(shown.expires_at - now).count());
  }

 private:
  struct Shown {
    telemetry::Gauge* gauge;
    SystemTime expires_at;
  };

  void choose(const catalog::KeyTable& keys, SystemTime now) {
    std::vector<std::pair<SystemTime, std::size_t>> expiring;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const catalog::KeyView key = keys.view(i);
      if (key.active && key.lifetime.expires_at && *key.lifetime.expires_at + kExpiredFor > now)
        expiring.emplace_back(*key.lifetime.expires_at, i);
    }
    if (expiring.size() > kMaxKeys) {
      std::nth_element(expiring.begin(), expiring.begin() + kMaxKeys, expiring.end());
      expiring.resize(kMaxKeys);
    }
    std::map<std::string, Shown> next;
    for (const auto& [expires_at, index] : expiring) {
      std::string id(keys.view(index).id);
      telemetry::Gauge& gauge =
          metrics_.gauge("offloader_key_expires_seconds",
                         "Seconds until an API key expires; negative once it has expired.", {{"key", id}});
      next.emplace(std::move(id), Shown{&gauge, expires_at});
    }
    for (const auto& [id, shown] : shown_) {
      if (!next.contains(id)) metrics_.remove("key", id);
    }
    shown_ = std::move(next);
  }

  telemetry::Metrics& metrics_;
  const serving::Publication& publication_;
  const Clock& clock_;
  std::map<std::string, Shown> shown_;  // by key id
  std::weak_ptr<const catalog::Catalog> chosen_of_;
  SystemTime choose_again_{};
};

}  // namespace

std::shared_ptr<void> expose_key_expiry(telemetry::Metrics& metrics, const serving::Publication& publication,
                                        const Clock& clock) {
  auto expiry = std::make_shared<KeyExpiry>(metrics, publication, clock);
  return metrics.on_collect([expiry] { expiry->collect(); });
}

}  // namespace offloader::app
