#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "build_slots.h"
#include "held.h"
#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"
#include "project.h"

namespace offloader::refresh {

// One attempt of a dataset, from asking its source to the end. One thread works on it at a time; only
// `cancel` and `progress` may be used by others.
struct Attempt {
  ContractPtr contract;
  std::shared_ptr<CancelFlag> cancel = std::make_shared<CancelFlag>();
  std::shared_ptr<std::atomic<double>> progress = std::make_shared<std::atomic<double>>(0.0);
  std::shared_ptr<BuildSlots::Turn> turn;  // while it builds
  SteadyTime begun;
  sources::Resolved resolved;
  bool build_local = true;
  HeldPtr local_already;                // set when only the remote files of what serves are missing
  std::string asked_by{};               // id of the request that forced it; empty: none
  bool suspect = false;                 // a build of this manifest ended the process, or may have
  std::optional<Error> recall_error{};  // why the serving snapshot's remote files could not be reopened
};
using AttemptPtr = std::shared_ptr<Attempt>;

}  // namespace offloader::refresh
