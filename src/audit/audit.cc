#include "offloader/audit/audit.h"

#include <unistd.h>

#include <utility>

#include "offloader/base/crypto.h"
#include "offloader/base/thread.h"
#include "offloader/telemetry/shed.h"
#include "queue.h"
#include "ring.h"
#include "seal_key.h"
#include "writer.h"

namespace offloader::audit {
namespace {

// The room that admit() reserves. Only a record with uncommonly long names is larger.
constexpr std::size_t kRoom = 1024;

constexpr std::string_view kOutput = "-";

bool goes_to_file(const AuditOptions& options) {
  return !options.path.empty() && options.path != kOutput;
}

class ChainedAudit final : public Audit {
 public:
  ChainedAudit(AuditOptions options, telemetry::Telemetry& telemetry, const Clock& clock)
      : path_(options.path),
        required_(options.required),
        telemetry_(telemetry),
        shed_(telemetry::shed_counter(telemetry.metrics(), "audit")),
        queue_(options.queue_bytes),
        writer_(seal_key(options.secret), make_sink(),
                goes_to_file(options) ? options.head_path : std::string(), queue_, ring_, telemetry, clock) {}
  ~ChainedAudit() override { stop(); }

  Result<void> begin() {
    writer_.open();
    return thread_.start(
        {.name = "audit",
         .report =
             [this](std::string_view what) {
               telemetry_.log().error("the audit log failed with an exception", {{"detail", what}});
             },
         .after = Thread::AfterEscape::restart},
        [this] { writer_.run(); });
  }

  Result<ByteHold> admit() override {
    if (!required_) return ByteHold();
    ByteHold room(queue_.budget());
    if (writer_.writable() && room.try_resize(kRoom)) return room;
    shed_.add();
    return fail(ErrorCode::not_ready,
                "the request cannot be recorded in the audit log right now; try again later");
  }

  void record(const Record& record, const ByteHold& room) override {
    push(record, room, Queue::Share::whole, Queue::Haste::now);
  }
  void record_read(const Record& record, const ByteHold& room) override {
    push(record, room, Queue::Share::most, Queue::Haste::soon);
  }

  Page newest(const PageQuery& query) const override {
    Page page;
    const std::uint64_t before = ring_.read(query, page);
    if (before > 0 && has_file() && path_ != kOutput) read_back(path_, before, query, page);
    return page;
  }
  std::uint64_t last_seq() const override { return ring_.newest(); }
  bool ok() const override { return writer_.ok(); }
  bool has_file() const override { return !path_.empty(); }
  void reopen() override { writer_.reopen(); }

  void stop() override {
    closing_.store(true);
    writer_.stop();
    thread_.join();
  }

 private:
  void push(const Record& record, const ByteHold& room, Queue::Share share, Queue::Haste haste) {
    queue_.push(record.members(), room.bytes() > 0 ? Queue::Share::reserved : share, haste);
  }

  // Returns null if there is no file.
  std::unique_ptr<Sink> make_sink() {
    if (path_.empty()) return nullptr;
    if (path_ == kOutput) return make_output_sink(STDOUT_FILENO, closing_);
    return make_file_sink(path_);
  }

  const std::string path_;
  const bool required_;
  telemetry::Telemetry& telemetry_;
  telemetry::Counter& shed_;
  std::atomic<bool> closing_{false};
  Queue queue_;
  Ring ring_;
  Writer writer_;
  Thread thread_;
};

}  // namespace

Result<std::unique_ptr<Audit>> Audit::start(AuditOptions options, telemetry::Telemetry& telemetry,
                                            const Clock& clock) {
  auto out = std::make_unique<ChainedAudit>(std::move(options), telemetry, clock);
  if (auto begun = out->begin(); !begun) return fail(std::move(begun.error()));
  return out;
}

}  // namespace offloader::audit
