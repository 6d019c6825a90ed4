#include "serving_rebuild.h"

#include <memory>

namespace offloader::local_executor {

void ServingRebuild::begin() {
  healthy_.store(false);
  if (rebuilding_.exchange(true)) return;
  // Clears the flag when the last copy is destroyed, also if the task throws or cannot be posted.
  const std::shared_ptr<void> rebuilding(nullptr, [this](void*) { rebuilding_.store(false); });
  pool_.serve(nullptr);
  thread_.post([this, rebuilding] { rebuild(); });
}

void ServingRebuild::rebuild() {
  pool_.forget(ReadPool::kServing);
  if (!serving_.rebuild()) return;
  ledger_.add(serving_.database());
  pool_.serve(serving_.database());
  healthy_.store(true);
}

}  // namespace offloader::local_executor
