#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "effective_catalog.h"
#include "offloader/base/mutex.h"
#include "offloader/serving/publication.h"

namespace offloader::refresh {

// What one dataset has to serve.
struct Offer {
  Fit fit = Fit::unknown;
  serving::DatasetSnapshots snapshots;
};
using Offers = std::map<std::string, Offer, std::less<>>;  // by dataset id

// The only way into the publication: puts the offers of all datasets and the project together to the next
// generation. Any thread; generations are made and published one after the other, without a lock, and offers
// that arrive meanwhile share the next one. Of one dataset, offers come from one thread at a time.
class Publisher {
 public:
  Publisher(serving::Publication& publication, std::shared_ptr<const catalog::Catalog> catalog);

  // Serves what a dataset of the project has now; ignored for one that it does not have. Returns once it is
  // published. Should publishing throw, the offer stands, and catch_up() publishes it.
  void offer(const std::string& dataset, Offer offer);

  // Takes over a project, with an offer of each of its datasets. Requires: no offer() at the same time.
  void adopt(std::shared_ptr<const catalog::Catalog> catalog, Offers offers);

  // Publishes what an exception has left unpublished; does nothing else.
  void catch_up();

 private:
  // Returns when everything that is known at the call is published.
  void publish() OFFLOADER_REQUIRES(offers_mutex_);

  serving::Publication& publication_;
  Mutex offers_mutex_;
  Condition published_changed_;
  std::shared_ptr<const catalog::Catalog> catalog_ OFFLOADER_GUARDED_BY(offers_mutex_);
  Offers offers_ OFFLOADER_GUARDED_BY(offers_mutex_);
  std::uint64_t known_ OFFLOADER_GUARDED_BY(offers_mutex_) = 0;      // grows with every change of the above
  std::uint64_t published_ OFFLOADER_GUARDED_BY(offers_mutex_) = 0;  // up to which change
  bool publishing_ OFFLOADER_GUARDED_BY(offers_mutex_) = false;      // a thread makes a generation
};

}  // namespace offloader::refresh
