#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "build_slots.h"
#include "contract_use.h"
#include "offloader/base/cancel.h"
#include "offloader/executor/executor.h"
#include "offloader/refresh/decision.h"
#include "offloader/refresh/status.h"
#include "offloader/serving/publication.h"
#include "offloader/snapshot_cache/cache_folder.h"
#include "offloader/sources/snapshot_source.h"
#include "offloader/telemetry/telemetry.h"

namespace offloader::refresh {
using snapshot_cache::BuildMark;
using snapshot_cache::CacheFolder;
using snapshot_cache::contract_checksum;
using snapshot_cache::SnapshotRecord;
using snapshot_cache::WarmDataset;
}  // namespace offloader::refresh

// What the refresher knows of one dataset while it runs. Guarded by the refresher's mutex, but for what an
// attempt works on by itself.
namespace offloader::refresh {

// A snapshot that serves, or can at once; or, after a restart, one whose remote files are yet to be opened.
struct Held {
  SnapshotRecord record;
  bool on_disk = false;  // its record is
  std::string contract;
  std::shared_ptr<const serving::ServedSnapshot> local;
  std::shared_ptr<const serving::ServedSnapshot> remote;

  [[nodiscard]] bool opened() const { return local || remote; }
  // Of one that is opened.
  [[nodiscard]] const serving::ServedSnapshot& shown() const { return local ? *local : *remote; }
};
using HeldPtr = std::shared_ptr<const Held>;

// One attempt, from asking the source to the end.
struct Attempt {
  std::shared_ptr<const catalog::Catalog> catalog;  // keeps `dataset` alive
  const catalog::Dataset* dataset = nullptr;
  ContractUse use;
  std::unique_ptr<const sources::SnapshotSource> source;
  std::shared_ptr<CancelFlag> cancel = std::make_shared<CancelFlag>();
  std::shared_ptr<std::atomic<double>> progress = std::make_shared<std::atomic<double>>(0.0);
  std::shared_ptr<BuildSlots::Turn> turn;  // while it builds in a slot
  SteadyTime begun;
  sources::Resolved resolved;
  bool build_local = true;
  std::shared_ptr<const serving::ServedSnapshot> local_already;  // when only the remote part is missing
  SnapshotRecord local_record;
  std::string asked_by{};               // the id of the request that forced it; empty: nobody did
  bool suspect = false;                 // a build of the same manifest ended the process, or may have
  std::optional<Error> recall_error{};  // why the serving snapshot's remote files could not be opened again
};
using AttemptPtr = std::shared_ptr<Attempt>;

struct Handles {
  telemetry::Gauge& age;
  telemetry::Gauge& stale;
  telemetry::Gauge& rows;
  telemetry::Gauge& bytes;
  telemetry::Gauge& indexed;
  telemetry::Gauge& ok;
  telemetry::Gauge& reachable;
  telemetry::Gauge& last_success;
  telemetry::Histogram& duration;
};

struct Run {
  std::string id;
  State state;
  Policy policy;
  bool announced = false;  // its endpoints are in the served catalog also without a snapshot
  bool removed = false;
  HeldPtr active;
  HeldPtr previous;
  std::vector<SnapshotRecord> unopened;  // kept on disk by a warm start that could not open their files
  AttemptPtr attempt;
  std::optional<AttemptStatus> last_attempted;
  std::string refresh_error;
  std::string asked_by;  // the request that forces the next attempt
  std::string concern;   // unwanted_but_serving(), as it was warned of last
  catalog::Findings findings;
  bool source_reachable = false;
  std::shared_ptr<std::atomic<bool>> suspected = std::make_shared<std::atomic<bool>>(false);  // AskingPool's
  bool manifest_valid = true;
  bool refresh_ok = false;
  std::optional<SystemTime> last_success;
  std::vector<std::function<void(RefreshReport)>> waiting;  // for the next attempt
  std::vector<std::function<void(RefreshReport)>> served;   // by the running one
  std::unique_ptr<Handles> handles;
};
using RunPtr = std::shared_ptr<Run>;

// How an attempt ended, other than by activation.
struct Ending {
  Outcome outcome = Outcome::failed;
  std::string error;
  catalog::Findings findings;
};

// A refusal in one line: the first finding with its code, and how many more there are.
[[nodiscard]] std::string summary_of(const catalog::Findings& findings);

// What a log may say of findings in data: their codes and places, and none of the values that their messages
// quote. The first few, and how many there are.
[[nodiscard]] std::string codes_of(const catalog::Findings& findings);

[[nodiscard]] Ending ending_of(const executor::Refused& failure);

// Of a snapshot of these files whose build ended the process: `failed`, from the second time on `rejected`.
[[nodiscard]] Ending ending_of_death(const DiedBuild& died, const std::vector<manifest::ResolvedFile>& files);

// What is shown of data files: without the query of a signed URL, which is a credential;
// on disk a `?` is a letter of the name.
[[nodiscard]] std::vector<std::string> names_of(const std::vector<manifest::ResolvedFile>& files);

[[nodiscard]] std::shared_ptr<const serving::ServedSnapshot> served_snapshot(
    const SnapshotRecord& record, std::int64_t rows, std::uint64_t bytes, const std::string& fingerprint,
    SystemTime activated_at, std::shared_ptr<const executor::Snapshot> data);

}  // namespace offloader::refresh
