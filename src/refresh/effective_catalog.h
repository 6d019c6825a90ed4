#pragma once

#include <functional>
#include <memory>
#include <string>

#include "offloader/catalog/catalog.h"

namespace offloader::refresh {

// Whether a dataset of the desired catalog can be served under it yet.
enum class Fit {
  // What serves fits the desired contract, or nothing serves yet and the endpoints answer "not ready".
  ready,
  // What serves fits only the contract served until now, and keeps serving under that one.
  behind,
  // A new dataset without a snapshot: it appears when it has one.
  unknown,
};

// Returns the catalog to serve now: the desired one itself if possible. Otherwise it is a copy with the
// served contract and endpoints of each dataset that is behind, and with `auth: none` deferred until no
// serving endpoint is tenant-scoped. Keys are always the desired ones. Pure.
[[nodiscard]] std::shared_ptr<const catalog::Catalog> effective_catalog(
    const std::shared_ptr<const catalog::Catalog>& desired, const catalog::Catalog* served,
    const std::function<Fit(const std::string& dataset)>& fit);  // called once for each dataset

}  // namespace offloader::refresh
