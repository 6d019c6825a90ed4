#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "offloader/audit/record.h"
#include "offloader/base/byte_budget.h"
#include "offloader/base/clock.h"
#include "offloader/base/result.h"
#include "offloader/telemetry/telemetry.h"

// The audit log (identity.md, "Audit"): who did what, what changed, and who read what, in lines that form a
// chain which only the holder of the master secret can write. One object per process, owned by the
// composition root; it must outlive whatever records, and `telemetry` and `clock` must outlive it.
namespace offloader::audit {

struct AuditOptions {
  std::string path;         // of the file; `-`: standard output; empty: only the last lines are kept
  std::string head_path{};  // of the file that remembers the last line of a file; empty: none
  bool required = false;    // admit() fails while a record could not be written
  std::string secret;       // the master secret
  std::size_t queue_bytes = 8U << 20;  // of records that are not written yet
};

// Which lines to read.
struct PageQuery {
  std::size_t limit = 100;
  std::uint64_t before = 0;  // only lines with a smaller number; 0: from the newest on
  std::string event;         // only lines of this event; empty: all
};

struct Page {
  std::vector<std::string> lines;  // newest first, without line ends
  std::uint64_t next_before = 0;   // where older lines begin (PageQuery::before); 0: there are none
};

class Audit {
 public:
  // Opens the file and continues its chain. A file that cannot be opened is no error: it is tried again every
  // second, offloader_audit_ok is 0, and the log says why. Fails with `busy` if the system cannot start a
  // thread.
  [[nodiscard]] static Result<std::unique_ptr<Audit>> start(AuditOptions options,
                                                            telemetry::Telemetry& telemetry,
                                                            const Clock& clock);
  virtual ~Audit() = default;

  // Call before something that is to be recorded happens. Returns the room in the queue that its record will
  // need; keep it until record_read() or record(). Without `required` it always succeeds and costs nothing.
  // With it, fails with `not_ready` while the file cannot be written or the queue is full, and counts that in
  // offloader_shed_total. Any thread; does not block.
  [[nodiscard]] virtual Result<ByteHold> admit() = 0;

  // Queues a record: of an action or a change, which is written at once, or of a read, which is written
  // within a tenth of a second. Both are synced within a second. Any thread; never waits for the file. If the
  // queue is full and admit() has reserved no room, drops the record; the next line then says how many were
  // lost.
  virtual void record(const Record& record, const ByteHold& room) = 0;
  void record(const Record& record) { this->record(record, {}); }
  virtual void record_read(const Record& record, const ByteHold& room) = 0;

  // Returns written lines, newest first: the last 1,000 of this process, and older ones from the file. Reads
  // at most 16 MiB of it, so a page may be short although `next_before` is set. Any thread; blocks.
  [[nodiscard]] virtual Page newest(const PageQuery& query) const = 0;
  // Returns the number of the last line, and whether everything so far could be written. Any thread.
  [[nodiscard]] virtual std::uint64_t last_seq() const = 0;
  [[nodiscard]] virtual bool ok() const = 0;

  // Returns whether lines go to a file or to standard output.
  [[nodiscard]] virtual bool has_file() const = 0;

  // Opens the file again if it was rotated, soon. The lines go on in the new file. Any thread.
  virtual void reopen() = 0;

  // Writes what is queued and the last line, and ends. Waits for the file, or at most a second for standard
  // output. Later records are dropped. Idempotent; called by the owner.
  virtual void stop() = 0;
};

}  // namespace offloader::audit
