#pragma once

#include <functional>
#include <memory>
#include <string>

#include "offloader/catalog/catalog.h"

namespace offloader::refresh {

// How far the snapshots of a dataset of the desired catalog are.
enum class Fit {
  ready,  // what serves fits the desired contract (or nothing serves yet, and the endpoints shall answer "not
          // ready")
  behind,   // what serves fits the contract served until now: it keeps serving under that one
  unknown,  // a new dataset without a snapshot: it appears when it has one
};

// The catalog that may be served now: the desired one itself where it can be, else a copy of it with the
// served contract and endpoints wherever the snapshots are behind, and with `auth: none` held back until no
// serving endpoint is tenant-scoped. Keys are always the desired ones.
[[nodiscard]] std::shared_ptr<const catalog::Catalog> effective_catalog(
    const std::shared_ptr<const catalog::Catalog>& desired, const catalog::Catalog* served,
    const std::function<Fit(const std::string& dataset)>& fit);  // asked once for each dataset

}  // namespace offloader::refresh
