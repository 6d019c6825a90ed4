#pragma once

#include <exception>
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

// A file that serves after a warm start and is to be verified later.
struct WarmFile {
  std::string dataset;
  executor::Stored stored;
  std::weak_ptr<const serving::ServedSnapshot> snapshot;
};

// One dataset: its state, and everything that happens to it. decide() chooses what is done; the work (store
// reads, builds, fsync, attaching, publishing) runs on the threads of the context, never under the lock.
//
// What serves changes in turns. The thread that holds the Turn computes the next state, writes it to the
// disk, publishes it, and only then makes it the actor's state; other threads can read the state meanwhile. A
// thread that holds a turn never waits for another turn, except for a reload, which takes the turns of all
// datasets to change contract and data together.
//
// Owned by the refresher, and shared with the tasks that run for it. Any thread may call it. An exception in
// a task fails its attempt.
class DatasetActor : public std::enable_shared_from_this<DatasetActor> {
 public:
  // `announced`: its endpoints are in the served catalog even without a snapshot.
  DatasetActor(const RefreshContext& context, ContractPtr contract, bool announced);

  // Permission to change what serves, held until destruction. Taking it waits for the previous holder, which
  // needs at most a few disk writes.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<DatasetActor> actor);
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    std::shared_ptr<DatasetActor> actor_;  // null: moved from
  };

  // Serves what the cache folder has (warm_start.cc), and adds the files to verify to `files`. Blocking.
  // Requires: called before any other function.
  void warm_start(std::vector<WarmFile>& files);

  // Called by the loop: starts whatever is due, and returns when to call again (nullopt: when woken). Does
  // not block.
  [[nodiscard]] std::optional<SteadyTime> look() noexcept;

  // The functions of Refresher, for this dataset. collect() updates the gauges.
  [[nodiscard]] bool refresh(std::function<void(RefreshReport)> done, const std::string& asked_by);
  [[nodiscard]] Result<RollbackReport> rollback(bool force, const std::string& asked_by);
  void report_corrupt(std::uint64_t snapshot);
  [[nodiscard]] DatasetStatus status() const;
  void collect();

  // For a reload, which holds `turn` from before adopt() until the project is published.
  void adopt(const ContractPtr& contract, const Turn& turn) noexcept;
  [[nodiscard]] Offer offer() const;
  // Called after the reload: cancels an attempt that the new contract makes useless, and requests an index
  // for the new endpoints.
  void follow_contract();
  // Called instead of adopt() and follow_contract() when the project no longer has the dataset. After
  // depart() it changes nothing more; remove() deletes everything of it.
  void depart(const Turn& turn) noexcept;
  void remove();

  // Starts nothing more, and cancels the running attempt. Idempotent.
  void stop();
  // Reports to all pending requests that the server stops. Requires: no attempt runs.
  void give_up();

 private:
  using Step = void (DatasetActor::*)(const AttemptPtr& attempt);

  // The steps of an attempt (attempt.cc).
  [[nodiscard]] AttemptPtr begin_attempt() OFFLOADER_REQUIRES(state_mutex_);
  void ask(const AttemptPtr& attempt);
  // Whether to build what the source offers; ends the attempt if not.
  [[nodiscard]] bool choose(const AttemptPtr& attempt);
  [[nodiscard]] bool choose_locked(const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  void settle(const AttemptPtr& attempt, std::string reason) OFFLOADER_REQUIRES(state_mutex_);
  [[nodiscard]] bool take_suspect_turn(const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  void take_slot_and_materialize(const AttemptPtr& attempt);
  void materialize(const AttemptPtr& attempt);
  // Forgets an earlier death of the same manifest. Called after a build that read its data to the end, or
  // rejected it.
  void note_survival(const Attempt& attempt);
  // Opens remote files that were left closed by a restart or by a rollback after one (recall.cc).
  void recall_remote(const AttemptPtr& attempt);
  Result<std::shared_ptr<const executor::Snapshot>> reopen(const Attempt& attempt,
                                                           const snapshot_cache::SnapshotRecord& record);
  void keep_reopened(const AttemptPtr& attempt, const HeldPtr& held,
                     const std::shared_ptr<const executor::Snapshot>& opened);

  // The ends of an attempt (endings.cc).
  void end(const AttemptPtr& attempt, Ending ending);
  void end_locked(const AttemptPtr& attempt, Ending ending) OFFLOADER_REQUIRES(state_mutex_);
  void over(const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  // A reload, a rollback or a stop made the attempt useless while it ran: it does not count, and the next one
  // starts at once.
  void put_off(const AttemptPtr& attempt) OFFLOADER_REQUIRES(state_mutex_);
  [[nodiscard]] bool superseded(const Attempt& attempt) const OFFLOADER_REQUIRES(state_mutex_);
  // Runs a step. If it throws, the attempt is `failed` and the dataset is retried.
  void guarded(Step step, const AttemptPtr& attempt) noexcept;
  void abandon() noexcept OFFLOADER_REQUIRES(state_mutex_);  // ends the attempt without a report
  // Delivers the pending reports, requests the index that the endpoints need, and wakes the loop. Called
  // after each change, without the lock.
  void follow_up() noexcept;
  void owe(std::vector<std::function<void(RefreshReport)>>& to, const RefreshReport& report)
      OFFLOADER_REQUIRES(state_mutex_);

  // Changes of what serves (activation.cc). Each takes the turn, or gets it passed.
  void activate(const AttemptPtr& attempt, HeldPtr held);
  void swap_unwanted() noexcept;
  [[nodiscard]] Result<RollbackReport> swap_to_previous(const Turn& turn, bool quarantine);
  [[nodiscard]] Result<void> write_marks(const HeldPtr& active, const HeldPtr& previous,
                                         const std::string& quarantined) const;
  // `previous` may be null; pages that began in it go on in it unless it is `quarantined`.
  [[nodiscard]] static Offer offer_of(const HeldPtr& active, const HeldPtr& previous,
                                      const std::string& quarantined, const Contract& contract,
                                      bool announced);
  // Publishes the offer, cleans up what it replaces, and then calls `commit` with the lock held, which
  // updates the state. If publishing throws, nothing is cleaned up, the exception is returned after `commit`,
  // and the loop repeats the publication.
  [[nodiscard]] std::exception_ptr publish_then(Offer offer,
                                                const std::function<void(bool published)>& commit,
                                                const std::function<void()>& clean_up = {});
  // Logs what publish_then() returned. Null: does nothing.
  void log_unpublished(const std::exception_ptr& escaped) noexcept;
  void ask_for_index() const;
  void warn_of_unwanted() OFFLOADER_REQUIRES(state_mutex_);
  // Returns what is wrong if the resolved manifest has the serving id but describes other data, and logs it
  // once per manifest; empty otherwise.
  [[nodiscard]] std::string concern_of_reused_id(const sources::Resolved& resolved)
      OFFLOADER_REQUIRES(state_mutex_);

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
  HeldPtr active_ OFFLOADER_GUARDED_BY(state_mutex_);    // changed only with a turn
  HeldPtr previous_ OFFLOADER_GUARDED_BY(state_mutex_);  // changed only with a turn
  // Snapshots that a warm start could not open and therefore kept on disk.
  std::vector<snapshot_cache::SnapshotRecord> unopened_ OFFLOADER_GUARDED_BY(state_mutex_);
  AttemptPtr attempt_ OFFLOADER_GUARDED_BY(state_mutex_);
  bool swapping_ OFFLOADER_GUARDED_BY(state_mutex_) = false;  // swap_unwanted() is scheduled or running
  std::optional<SteadyTime> swap_again_at_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::optional<AttemptStatus> last_attempted_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::string refresh_error_ OFFLOADER_GUARDED_BY(state_mutex_);
  std::string asked_by_ OFFLOADER_GUARDED_BY(state_mutex_);  // id of the request for the next attempt
  std::string concern_ OFFLOADER_GUARDED_BY(state_mutex_);  // the unwanted_but_serving() that was last logged
  std::string reused_tag_
      OFFLOADER_GUARDED_BY(state_mutex_);  // the manifest whose reuse of an id was logged last
  catalog::Findings findings_ OFFLOADER_GUARDED_BY(state_mutex_);
  bool source_reachable_ OFFLOADER_GUARDED_BY(state_mutex_) = false;
  bool manifest_valid_ OFFLOADER_GUARDED_BY(state_mutex_) = true;
  bool refresh_ok_ OFFLOADER_GUARDED_BY(state_mutex_) = false;
  bool index_follows_ OFFLOADER_GUARDED_BY(state_mutex_) = true;  // false: follow_up() requests it
  std::optional<SystemTime> last_success_ OFFLOADER_GUARDED_BY(state_mutex_);
  using Waiting = std::vector<std::function<void(RefreshReport)>>;
  Waiting waiting_ OFFLOADER_GUARDED_BY(state_mutex_);  // callbacks for the next attempt
  Waiting served_ OFFLOADER_GUARDED_BY(state_mutex_);   // callbacks for the running one
  std::vector<std::function<void()>> owed_ OFFLOADER_GUARDED_BY(state_mutex_);  // reports to deliver
  std::unique_ptr<DatasetGauges> gauges_ OFFLOADER_GUARDED_BY(state_mutex_);    // null once removed
  // Whether the source, or the disk, stalled the last time; maintained by the pool.
  const std::shared_ptr<std::atomic<bool>> source_slow_ = std::make_shared<std::atomic<bool>>(false);
  const std::shared_ptr<std::atomic<bool>> disk_slow_ = std::make_shared<std::atomic<bool>>(false);
};
using ActorPtr = std::shared_ptr<DatasetActor>;

}  // namespace offloader::refresh
