#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "effective_catalog.h"
#include "offloader/base/mutex.h"
#include "offloader/serving/publication.h"

namespace offloader::refresh {

// What one dataset can serve.
struct Offer {
  Fit fit = Fit::unknown;
  serving::DatasetSnapshots snapshots;
};
using Offers = std::map<std::string, Offer, std::less<>>;  // by dataset id

// The only writer of the publication: combines the offers of all datasets and the project into the next
// generation. Owned by the refresher. Any thread may call it, but calls for the same dataset must not
// overlap. Generations are made and published one after the other, without the lock; offers that arrive
// meanwhile share the next generation.
class Publisher {
 public:
  using Published = std::function<void(const serving::Generation& before, const serving::Generation& after)>;

  // `published` is called after each publication, and may be empty.
  Publisher(serving::Publication& publication, std::shared_ptr<const catalog::Catalog> catalog,
            Published published = {});

  // Publishes a dataset's offer and returns when it is published. Ignores a dataset that is not in the
  // project. If publishing throws, the offer is kept, and catch_up() publishes it.
  void offer(const std::string& dataset, Offer offer);

  // Switches to a project, with an offer for each of its datasets. Throws like offer(). Requires: no
  // concurrent offer().
  void adopt(std::shared_ptr<const catalog::Catalog> catalog, Offers offers);

  // Publishes what an exception left unpublished, if anything.
  void catch_up();

 private:
  // Returns when everything known at the time of the call is published.
  void publish() OFFLOADER_REQUIRES(offers_mutex_);

  serving::Publication& publication_;
  const Published published_to_;
  Mutex offers_mutex_;
  Condition published_changed_;
  std::shared_ptr<const catalog::Catalog> catalog_ OFFLOADER_GUARDED_BY(offers_mutex_);
  Offers offers_ OFFLOADER_GUARDED_BY(offers_mutex_);
  std::uint64_t known_ OFFLOADER_GUARDED_BY(offers_mutex_) = 0;      // number of changes to the members above
  std::uint64_t published_ OFFLOADER_GUARDED_BY(offers_mutex_) = 0;  // the last published change
  bool publishing_ OFFLOADER_GUARDED_BY(offers_mutex_) = false;      // a thread is making a generation
};

}  // namespace offloader::refresh
