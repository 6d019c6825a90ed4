#include "writer.h"

#include <algorithm>
#include <utility>

namespace offloader::audit {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGather{100};        // how long reads wait for more
constexpr milliseconds kCheck{1000};        // between looks at the file, and between attempts to open it
constexpr milliseconds kSync{500};          // from a write to its sync
constexpr milliseconds kLossShows{60'000};  // how long a loss shows in the metric, for scrapes to see it
constexpr std::size_t kPiece = 256U << 10;  // bytes of records that are written at once

}  // namespace

Writer::Writer(const Sha256& key, std::unique_ptr<Sink> sink, const std::string& head_path, Queue& queue,
               Ring& ring, telemetry::Telemetry& telemetry, const Clock& clock)
    : key_(key),
      sink_(std::move(sink)),
      head_file_(head_path),
      queue_(queue),
      ring_(ring),
      telemetry_(telemetry),
      clock_(clock),
      ok_gauge_(telemetry.metrics().gauge("offloader_audit_ok",
                                          "1 unless the audit log cannot be written or has lost records.")),
      head_(head_file_.load()) {
  ok_gauge_.set(1);
}

void Writer::open() {
  if (sink_) set_state(open_sink());
  checked_ = clock_.steady_now();
}

void Writer::reopen() {
  reopen_.store(true);
  queue_.wake();
}

void Writer::stop() {
  stopping_.store(true);
  queue_.wake();
}

void Writer::run() {
  while (!stopping_.load()) {
    if (sink_ && !sink_->is_open()) {
      queue_.rest(kCheck);
    } else if (backlog_.empty()) {
      Queue::Batch batch = queue_.take(dirty_ ? kSync : kCheck, kGather);
      backlog_ = std::move(batch.records);
      lost_ += batch.lost;
    }
    attend();
    write_backlog();
    sync_if_due(false);
  }
  finish();
}

void Writer::finish() {
  attend();
  Queue::Batch batch = queue_.take(milliseconds(0), milliseconds(0));
  backlog_.append(batch.records);
  lost_ += batch.lost;
  write_backlog();
  if (sink_ && sink_->is_open()) static_cast<void>(write(Record(clock_.now(), "stopped").members() + "\n"));
  sync_if_due(true);
  if (const auto unwritten = std::count(backlog_.begin(), backlog_.end(), '\n'); unwritten > 0)
    telemetry_.log().error("audit records were not written", {{"records", unwritten}});
}

// Opens the sink if it is closed, and again if its file was rotated, removed or truncated.
void Writer::attend() {
  const SteadyTime now = clock_.steady_now();
  const bool asked = reopen_.exchange(false);
  if (!sink_ || (!asked && !stopping_.load() && now - checked_ < kCheck)) return;
  checked_ = now;
  if (sink_->is_open()) {
    if (sink_->intact() && !(asked && sink_->rotated())) return;
    sync_if_due(true);
    sink_->close();
  }
  // Whether it works again is known once the backlog is written.
  if (auto opened = open_sink(); !opened) set_state(opened);
}

Result<void> Writer::open_sink() {
  const auto opening = sink_->open(key_, head_);
  if (!opening) return fail(opening.error());
  Record record(clock_.now(), kOpened);
  record.text("file", opening->fresh ? kNewFile : kContinuedFile);
  record.text("previous", to_hex(head_.hmac));
  if (!opening->torn.empty()) {
    record.number("torn_bytes", static_cast<std::int64_t>(opening->torn.size()));
    record.text("torn_sha256", to_hex(sha256(opening->torn)));
  }
  // In one write: if there is no room for the record, the torn line must stay as it was.
  return write(record.members() + "\n", opening->ended ? "" : "\n");
}

void Writer::write_backlog() {
  if (sink_ && !sink_->is_open()) return;
  while (!backlog_.empty() || lost_ > 0) {
    const std::uint64_t lost = std::exchange(lost_, 0);
    if (backlog_.empty()) {
      // The queue was full after the records that have been written.
      Record record(clock_.now(), "lost");
      record.number("lost", static_cast<std::int64_t>(lost));
      const auto written = write(record.members() + "\n");
      if (!written) {
        lost_ = lost;
        return set_state(written);
      }
      lossless_from_ = clock_.steady_now() + kLossShows;
      return set_state(
          fail(ErrorCode::busy, "records came faster than the file takes them, and some are lost"));
    }
    lost_ = lost;
    std::size_t end = backlog_.size();
    if (end > kPiece) end = backlog_.find('\n', kPiece) + 1;
    const auto written = write(backlog_.substr(0, end));
    if (!written) return set_state(written);
    queue_.budget()->give_back(end);
    backlog_.erase(0, end);
  }
  set_state({});
}

// Writes these records as the next lines. The head moves only if all of them are written.
Result<void> Writer::write(const std::string& records, std::string_view before) {
  std::string lines(before);
  lines.reserve(records.size() + records.size() / 2);
  Head head = head_;
  for (std::size_t begin = 0, end = 0; (end = records.find('\n', begin)) != std::string::npos;
       begin = end + 1)
    append_line(lines, key_, head, std::string_view(records).substr(begin, end - begin));
  if (sink_) {
    if (auto written = sink_->write(lines); !written) return written;
    if (!std::exchange(dirty_, true)) dirty_since_ = clock_.steady_now();
  }
  std::uint64_t seq = std::exchange(head_, head).seq;
  for (std::size_t begin = before.size(), end = 0; (end = lines.find('\n', begin)) != std::string::npos;
       begin = end + 1)
    ring_.add(++seq, std::string_view(lines).substr(begin, end - begin));
  return {};
}

void Writer::sync_if_due(bool now) {
  if (!dirty_ || !sink_ || !sink_->is_open()) return;
  if (!now && clock_.steady_now() - dirty_since_ < kSync) return;
  dirty_ = false;
  if (auto synced = sink_->sync(); !synced) return set_state(synced);
  head_file_.save(head_);
}

// Logs each change once.
void Writer::set_state(const Result<void>& written) {
  writable_.store(!sink_ || sink_->is_open(), std::memory_order_relaxed);
  if (written && clock_.steady_now() < lossless_from_) return;
  if (ok_.exchange(written.has_value(), std::memory_order_relaxed) == written.has_value()) return;
  ok_gauge_.set(written ? 1 : 0);
  if (written) {
    telemetry_.log().info("the audit log is written again");
  } else {
    telemetry_.log().error("the audit log cannot be written",
                           {{"error", std::string_view(written.error().message)}});
  }
}

}  // namespace offloader::audit
