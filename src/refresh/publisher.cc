#include "publisher.h"

#include <utility>

namespace offloader::refresh {
namespace {

std::shared_ptr<const serving::Generation> next_generation(
    const std::shared_ptr<const catalog::Catalog>& catalog, const Offers& offers,
    const serving::Generation& before) {
  const auto fit = [&](const std::string& id) {
    const auto found = offers.find(id);
    return found == offers.end() ? Fit::unknown : found->second.fit;
  };
  std::map<std::string, serving::DatasetSnapshots, std::less<>> snapshots;
  for (const auto& [id, offer] : offers) {
    if (offer.snapshots.local || offer.snapshots.remote) snapshots[id] = offer.snapshots;
  }
  return serving::make_generation(effective_catalog(catalog, before.catalog.get(), fit), std::move(snapshots),
                                  &before);
}

}  // namespace

Publisher::Publisher(serving::Publication& publication, std::shared_ptr<const catalog::Catalog> catalog,
                     Published published)
    : publication_(publication), published_to_(std::move(published)), catalog_(std::move(catalog)) {}

void Publisher::offer(const std::string& dataset, Offer offer) {
  const MutexLock lock(offers_mutex_);
  const auto found = offers_.find(dataset);
  if (found == offers_.end()) return;
  std::swap(found->second, offer);  // the replaced offer is destroyed without the lock
  ++known_;
  publish();
}

void Publisher::adopt(std::shared_ptr<const catalog::Catalog> catalog, Offers offers) {
  const MutexLock lock(offers_mutex_);
  catalog_.swap(catalog);
  offers_.swap(offers);
  ++known_;
  publish();
}

void Publisher::catch_up() {
  const MutexLock lock(offers_mutex_);
  if (published_ != known_) publish();
}

void Publisher::publish() {
  const std::uint64_t wanted = known_;
  while (published_ < wanted) {
    if (publishing_) {
      published_changed_.wait(offers_mutex_);
      continue;
    }
    publishing_ = true;
    const std::uint64_t until = known_;
    std::exception_ptr escaped;
    try {
      auto catalog_now = catalog_;
      Offers offers_now = offers_;
      const MutexUnlock unlocked(offers_mutex_);
      // Destroyed without the lock: the last reference to a snapshot removes its files.
      const auto catalog = std::move(catalog_now);
      const Offers offers = std::move(offers_now);
      const auto before = publication_.latest();
      const auto after = next_generation(catalog, offers, *before);
      publication_.publish(after);
      if (published_to_) published_to_(*before, *after);
    } catch (...) {
      escaped = std::current_exception();
    }
    publishing_ = false;
    if (!escaped) published_ = until;
    published_changed_.notify_all();
    // Other threads that wait here try again themselves.
    if (escaped) std::rethrow_exception(escaped);
  }
}

}  // namespace offloader::refresh
