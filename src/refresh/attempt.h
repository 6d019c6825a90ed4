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

// One attempt, from asking the source to the end. Worked on by one thread at a time, but for the flag and the
// progress.
struct Attempt {
  ContractPtr contract;
  std::shared_ptr<CancelFlag> cancel = std::make_shared<CancelFlag>();
  std::shared_ptr<std::atomic<double>> progress = std::make_shared<std::atomic<double>>(0.0);
  std::shared_ptr<BuildSlots::Turn> turn;  // while it builds in a slot
  SteadyTime begun;
  sources::Resolved resolved;
  bool build_local = true;
  HeldPtr local_already;                // when only the remote part of it is missing
  std::string asked_by{};               // the id of the request that forced it; empty: nobody did
  bool suspect = false;                 // a build of the same manifest ended the process, or may have
  std::optional<Error> recall_error{};  // why the serving snapshot's remote files could not be opened again
};
using AttemptPtr = std::shared_ptr<Attempt>;

}  // namespace offloader::refresh
