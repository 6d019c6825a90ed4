#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attempt.h"
#include "context.h"
#include "dataset_gauges.h"
#include "ending.h"
#include "offloader/base/mutex.h"
#include "offloader/refresh/status.h"

namespace offloader::refresh {

// A file of a warm start, to be read through later.
struct WarmFile {
  std::string dataset;
  executor::Stored stored;
  std::weak_ptr<const serving::ServedSnapshot> snapshot;
};

// One dataset: what is known of it, and everything that happens to it. decide() says what is done; the work
// (store reads, builds, fsync, attaching, publishing) runs on the threads of the context, never under the
// lock.
//
// What serves changes in turns: the thread that holds the Turn works out the next state, writes it to the
// disk, publishes it, and only then makes it the actor's state, while everybody else can look. A thread that
// has a turn waits for no other one's, except for a reload, which takes those of all datasets to change
// contract and data together.
//
// Owned by the refresher, and by what runs for it. Any thread.
class DatasetActor : public std::enable_shared_from_this<DatasetActor> {
 public:
  // `announced`: its endpoints are in the served catalog also without a snapshot.
  DatasetActor(const RefreshContext& context, ContractPtr contract, bool announced);

  // The permit to change what serves, until its end. Taking it waits for the one before, which is bounded by
  // a few writes to the disk.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<DatasetActor> actor);
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    std::shared_ptr<DatasetActor> actor_;  // null: moved from
  };

  // Serves what the cache folder has (warm_start.cc). Blocking; before anything else is called.
  void warm_start(std::vector<WarmFile>& files);

  // What a timer asks: begins whatever is due, and returns when to look again (nullopt: when woken).
  [[nodiscard]] std::optional<SteadyTime> look() noexcept;

  // The functions of Refresher, for this dataset.
  [[nodiscard]] bool refresh(std::function<void(RefreshReport)> done, const std::string& asked_by);
  [[nodiscard]] Result<RollbackReport> rollback(bool force, const std::string& asked_by);
  void report_corrupt(std::uint64_t snapshot);
  [[nodiscard]] DatasetStatus status() const;
  void collect();

  // A reload, which holds the turn from before adopt() until the project is published.
  void adopt(const ContractPtr& contract, const Turn& turn) noexcept;
  [[nodiscard]] Offer offer() const;
  // After it: cancels an attempt that the new contract is not for, has the index follow the endpoints.
  void follow_contract();
  // Instead, where the project no longer has the dataset: it changes nothing any more, and afterwards nothing
  // of it is left.
  void depart(const Turn& turn) noexcept;
  void remove();

  // Begins nothing any more, and cancels what runs. Idempotent.
  void stop();
  // Once nothing runs: tells whoever waits that it was stopped.
  void give_up();

 private:
  using Step = void (DatasetActor::*)(const AttemptPtr& attempt);

  // An attempt, from asking the source to its end (attempt.cc).
  [[nodiscard]] AttemptPtr begin_attempt() OFFLOADER_REQUIRES(state_mutex_);
  void ask(const AttemptPtr& attempt);
  // Whether what the source offers is to be built; ends the attempt when not.
  [[nodiscard]] bool choose(const AttemptPtr& attempt);
  [[nodiscard]] bool choose_locked(const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  void settle(const AttemptPtr& attempt, std::string reason) OFFLOADER_REQUIRES(state_mutex_);
  [[nodiscard]] bool take_suspect_turn(const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  void take_slot_and_materialize(const AttemptPtr& attempt);
  void materialize(const AttemptPtr& attempt);
  // Of a build that read its data to the end, or refused it: an earlier death of the same manifest is
  // forgotten.
  void note_survival(const Attempt& attempt);
  // Opens remote files that a restart, or a rollback after one, left closed (recall.cc).
  void recall_remote(const AttemptPtr& attempt);
  Result<std::shared_ptr<const executor::Snapshot>> reopen(const Attempt& attempt,
                                                           const snapshot_cache::SnapshotRecord& record);
  void keep_reopened(const AttemptPtr& attempt, const HeldPtr& held,
                     const std::shared_ptr<const executor::Snapshot>& opened);

  // How attempts end (endings.cc).
  void end(const AttemptPtr& attempt, Ending ending);
  void end_locked(const AttemptPtr& attempt, Ending ending) OFFLOADER_REQUIRES(state_mutex_);
  void over(const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  // The project or a person changed their mind while the attempt ran: it counts for nothing, and the next
  // begins at once.
  void put_off(const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  [[nodiscard]] bool superseded(const Attempt& attempt) const OFFLOADER_REQUIRES(state_mutex_);
  // Catches whatever a step throws: the attempt is `failed`, the dataset is tried again.
  void guarded(Step step, const AttemptPtr& attempt) noexcept;
  void abandon() noexcept OFFLOADER_REQUIRES(state_mutex_);  // the attempt is over without a report
  // Gives the reports that are due, has the index follow and wakes the loop: after each change, unlocked.
  void follow_up() noexcept;
  void owe(std::vector<std::function<void(RefreshReport)>>& to, const RefreshReport& report)
      OFFLOADER_REQUIRES(state_mutex_);

  // What serves (activation.cc). Each takes the turn.
  void activate(const AttemptPtr& attempt, HeldPtr held);
  void swap_unwanted() noexcept;
  [[nodiscard]] Result<void> swap_to_previous(const Turn& turn, bool quarantine);
  [[nodiscard]] Result<void> write_marks(const HeldPtr& active, const HeldPtr& previous,
                                         const std::string& quarantined) const;
  [[nodiscard]] static Offer offer_of(const HeldPtr& active, const Contract& contract, bool announced);
  // Publishes the offer, cleans up what it replaces, and then makes it true by `commit`, which is called with
  // the lock. Where publishing throws, nothing is cleaned up, and the exception goes on after `commit`.
  void publish_then(Offer offer, const std::function<void(bool published)>& commit,
                    const std::function<void()>& clean_up = {});
  void ask_for_index() const;
  void warn_of_unwanted() OFFLOADER_REQUIRES(state_mutex_);

  [[nodiscard]] HeldPtr wake_up(const std::optional<snapshot_cache::SnapshotRecord>& record,
                                const Contract& contract, std::vector<WarmFile>& files,
                                std::vector<snapshot_cache::SnapshotRecord>& unopened) const;

  const RefreshContext& context_;
  const std::string id_;

  mutable Mutex state_mutex_;
  Condition turn_ended_;
  bool changing_ OFFLOADER_GUARDED_BY(state_mutex_) = false;  // a Turn is held
  ContractPtr contract_ OFFLOADER_GUARDED_BY(state_mutex_);
  State state_ OFFLOADER_GUARDED_BY(state_mutex_);
  bool announced_ OFFLOADER_GUARDED_BY(state_mutex_);
  bool removed_ OFFLOADER_GUARDED_BY(state_mutex_) = false;
  bool stopping_ OFFLOADER_GUARDED_BY(state_mutex_) = false;
  HeldPtr active_ OFFLOADER_GUARDED_BY(state_mutex_);    // changes with a turn
  HeldPtr previous_ OFFLOADER_GUARDED_BY(state_mutex_);  // changes with a turn
  // Kept on disk by a warm start that could not open their files.
  std::vector<snapshot_cache::SnapshotRecord> unopened_ OFFLOADER_GUARDED_BY(state_mutex_);
  AttemptPtr attempt_ OFFLOADER_GUARDED_BY(state_mutex_);
  bool swapping_ OFFLOADER_GUARDED_BY(state_mutex_) = false;  // swap_unwanted() is on its way
  std::optional<SteadyTime> swap_again_at_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::optional<AttemptStatus> last_attempted_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::string refresh_error_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::string asked_by_ OFFLOADER_GUARDED_BY(state_mutex_);  // the request that forces the next attempt
  std::string concern_ OFFLOADER_GUARDED_BY(state_mutex_);   // unwanted_but_serving(), as it was warned of
  catalog::Findings findings_ OFFLOADER_GUARDED_BY(state_mutex_);
  bool source_reachable_ OFFLOADER_GUARDED_BY(state_mutex_) = false;
  bool manifest_valid_ OFFLOADER_GUARDED_BY(state_mutex_) = true;
  bool refresh_ok_ OFFLOADER_GUARDED_BY(state_mutex_) = false;
  bool index_follows_ OFFLOADER_GUARDED_BY(state_mutex_) = true;  // false: to be asked for by follow_up()
  std::optional<SystemTime> last_success_ OFFLOADER_GUARDED_BY(state_mutex_);
  using Waiting = std::vector<std::function<void(RefreshReport)>>;
  Waiting waiting_ OFFLOADER_GUARDED_BY(state_mutex_);                          // for the next attempt
  Waiting served_ OFFLOADER_GUARDED_BY(state_mutex_);                           // by the running one
  std::vector<std::function<void()>> owed_ OFFLOADER_GUARDED_BY(state_mutex_);  // reports to be given
  std::unique_ptr<DatasetGauges> gauges_ OFFLOADER_GUARDED_BY(state_mutex_);    // null once removed
  // Whether the source, or the disk, was slow the last time: the pool's.
  const std::shared_ptr<std::atomic<bool>> source_slow_ = std::make_shared<std::atomic<bool>>(false);
  const std::shared_ptr<std::atomic<bool>> disk_slow_ = std::make_shared<std::atomic<bool>>(false);
};
using ActorPtr = std::shared_ptr<DatasetActor>;

}  // namespace offloader::refresh
