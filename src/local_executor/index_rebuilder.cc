#include "index_rebuilder.h"

#include <exception>
#include <future>
#include <utility>

#include "index_layout.h"
#include "index_repair.h"
#include "offloader/base/low_priority.h"

namespace offloader::local_executor {
namespace {

std::string reason_of(const Error& error) {
  if (error.code == ErrorCode::not_found) return "its file is missing";
  return error.detail.empty() ? error.message : error.message + ": " + error.detail;
}

// How long to wait before opening an index again, for which no descriptor or memory was left.
constexpr std::chrono::seconds kReopenAfter{1};

// Returns early once the flag is raised.
void wait_unless_cancelled(CancelFlag& cancel, std::chrono::milliseconds most) {
  std::promise<void> cancelled;
  cancel.on_cancel([&] { cancelled.set_value(); });
  cancelled.get_future().wait_for(most);
  cancel.on_cancel({});
}

// Opens the snapshot's index file, of any layout. `corrupt` if it belongs to another snapshot.
Result<std::shared_ptr<const index::Reader>> sound_index(const OpenSnapshot& snapshot) {
  auto index = index::Reader::open(snapshot.files().index(), snapshot.dataset()->schema);
  if (!index) return index;
  if ((*index)->snapshot() != snapshot.fingerprint() ||
      (*index)->rows() != static_cast<std::uint64_t>(snapshot.rows())) {
    return fail(ErrorCode::corrupt, "the index belongs to another snapshot");
  }
  return index;
}

}  // namespace

IndexRebuilder::IndexRebuilder(const Options& options, InstanceLedger& ledger, BuildMemory& memory,
                               telemetry::Log& log)
    : options_(options), ledger_(ledger), memory_(memory), log_(log) {}

IndexRebuilder::~IndexRebuilder() {
  stop();
}

void IndexRebuilder::open(const OpenSnapshot& snapshot) {
  auto index = sound_index(snapshot);
  if (index) return snapshot.index().place(std::move(*index));
  const std::string reason = reason_of(index.error());
  if (index.error().code == ErrorCode::busy) {
    log_.warning("The index of a snapshot cannot be opened now. DuckDB answers until it can.",
                 {{"dataset", snapshot.dataset()->id}, {"reason", reason}});
    if (snapshot.index().lose(nullptr, reason)) queue(snapshot, Task::reopen);
    return;
  }
  if (index.error().code != ErrorCode::not_found) {
    log_.warning("The index of a snapshot cannot be used. DuckDB answers while it is rebuilt.",
                 {{"dataset", snapshot.dataset()->id}, {"reason", reason}});
  }
  if (snapshot.index().lose(nullptr, reason)) queue(snapshot, Task::rebuild);
}

void IndexRebuilder::want(const OpenSnapshot& snapshot, const catalog::Dataset& dataset,
                          const executor::Layout& columns) {
  index::WantedLayout layout = index_layout(dataset, snapshot.types(), columns);
  if (snapshot.index().want(std::move(layout), std::chrono::steady_clock::now()))
    queue(snapshot, Task::rebuild);
}

void IndexRebuilder::lose(const OpenSnapshot& snapshot, const index::Reader* lost) {
  if (!snapshot.index().lose(lost, "a page of its file could not be read")) return;
  log_.warning("The index of a snapshot cannot be used. DuckDB answers while it is rebuilt.",
               {{"dataset", snapshot.dataset()->id}, {"reason", "a page of its file could not be read"}});
  queue(snapshot, Task::rebuild);
}

void IndexRebuilder::stop() {
  std::shared_ptr<CancelFlag> running;
  {
    const MutexLock lock(running_mutex_);
    stopped_ = true;
    running = running_;
  }
  if (running) running->cancel();
  thread_.stop();
}

void IndexRebuilder::queue(const OpenSnapshot& snapshot, Task task) {
  try {
    thread_.post([this, task, asked = snapshot.weak_from_this()] { run(task, asked); });
  } catch (...) {
    snapshot.index().abandon();  // otherwise no rebuild would ever be queued again
    throw;
  }
}

// Registers a task as running. Returns false after stop() and for a retired snapshot.
bool IndexRebuilder::began(const OpenSnapshot& snapshot) {
  const MutexLock lock(running_mutex_);
  if (stopped_ || snapshot.rebuild_cancel()->cancelled()) return false;
  running_ = snapshot.rebuild_cancel();
  return true;
}

// Ends what began(). Returns false if the task was cancelled.
bool IndexRebuilder::ended(const OpenSnapshot& snapshot) {
  const MutexLock lock(running_mutex_);
  running_ = nullptr;
  return !stopped_ && !snapshot.rebuild_cancel()->cancelled();
}

// Holds a reference to the snapshot, so that its files are not deleted before the new index is in place and
// can be deleted with them.
void IndexRebuilder::run(Task task, const std::weak_ptr<const OpenSnapshot>& asked) {
  const auto snapshot = asked.lock();
  if (!snapshot) return;
  try {
    if (!began(*snapshot)) return snapshot->index().abandon();
    lower_priority_of_this_thread();
    if (task == Task::reopen) return reopen(*snapshot);
    rebuild(*snapshot);
  } catch (...) {
    static_cast<void>(ended(*snapshot));
    snapshot->index().abandon();
    throw;
  }
}

// Tries again, and between attempts gives way to the tasks of other snapshots.
void IndexRebuilder::reopen(const OpenSnapshot& snapshot) {
  IndexSlot& slot = snapshot.index();
  auto index = sound_index(snapshot);
  const bool busy = !index && index.error().code == ErrorCode::busy;
  if (busy) wait_unless_cancelled(*snapshot.rebuild_cancel(), kReopenAfter);
  if (!ended(snapshot)) return slot.abandon();
  if (busy) return queue(snapshot, Task::reopen);
  if (!index) {
    log_.warning("The index of a snapshot cannot be used. DuckDB answers while it is rebuilt.",
                 {{"dataset", snapshot.dataset()->id}, {"reason", reason_of(index.error())}});
    return queue(snapshot, Task::rebuild);
  }
  log_.info("The index of a snapshot could be opened again.", {{"dataset", snapshot.dataset()->id}});
  if (slot.rebuilt(std::move(*index))) queue(snapshot, Task::rebuild);
}

void IndexRebuilder::rebuild(const OpenSnapshot& snapshot) {
  IndexSlot& slot = snapshot.index();
  const auto begun = std::chrono::steady_clock::now();
  auto index = build(snapshot);
  if (!ended(snapshot)) return slot.abandon();
  const auto now = std::chrono::steady_clock::now();
  bool again = false;
  if (!index) {
    const std::string reason = reason_of(index.error());
    log_.warning("The index of a snapshot cannot be built. DuckDB answers its queries.",
                 {{"dataset", snapshot.dataset()->id}, {"reason", reason}});
    again = slot.failed(reason, now);
  } else if (*index) {
    log_.info("The index of a snapshot was rebuilt.",
              {{"dataset", snapshot.dataset()->id},
               {"seconds", std::chrono::duration<double>(now - begun).count()}});
    again = slot.rebuilt(std::move(*index));
  } else {
    slot.unneeded();
  }
  if (again) queue(snapshot, Task::rebuild);
}

// Returns null if there is nothing to index.
Result<std::shared_ptr<const index::Reader>> IndexRebuilder::build(const OpenSnapshot& snapshot) {
  try {
    const IndexRepair repair{snapshot.files(), snapshot.dataset(), snapshot.fingerprint(),
                             snapshot.index().begin()};
    const auto built = repair_index(options_, repair, ledger_, memory_, *snapshot.rebuild_cancel());
    if (!built) return fail(built.error());
    if (!*built) return nullptr;
    return sound_index(snapshot);
  } catch (const std::exception& exception) {
    return fail(ErrorCode::internal, "the index cannot be built", exception.what());
  }
}

}  // namespace offloader::local_executor
