#include "offloader/executor/testing/fake_executor.h"

#include <fstream>
#include <new>
#include <system_error>

#include "offloader/base/crypto.h"
#include "offloader/base/file.h"

namespace offloader::executor::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartialPrefix = ".partial-";
constexpr std::uint64_t kMaxBytes = 1 << 20;

class FakeSnapshot final : public Snapshot {
 public:
  FakeSnapshot(std::uint64_t id, fs::path file, std::string fingerprint,
               const std::atomic<IndexStatus::State>& index)
      : id_(id), file_(std::move(file)), fingerprint_(std::move(fingerprint)), index_(index) {}
  ~FakeSnapshot() override {
    std::error_code ignored;
    if (retired_ && !remote()) fs::remove(file_, ignored);
  }
  std::uint64_t id() const override { return id_; }
  bool remote() const override { return file_.empty(); }
  std::int64_t rows() const override { return 1; }
  const std::string& fingerprint() const override { return fingerprint_; }
  void retire() const override { retired_ = true; }
  IndexStatus index_status() const override {
    if (remote()) return {};
    return {index_, index_ == IndexStatus::State::failed ? "no room" : ""};
  }

 private:
  std::uint64_t id_;
  fs::path file_;  // empty if remote
  std::string fingerprint_;
  mutable std::atomic<bool> retired_{false};
  const std::atomic<IndexStatus::State>& index_;
};

// The plan of an answer: rows with one column, `n`.
query::Plan fake_plan() {
  auto shape = std::make_shared<query::PlanShape>();
  shape->projections.push_back({"n", 0, catalog::ColumnType::json, std::nullopt});
  query::Plan plan;
  plan.shape = std::move(shape);
  plan.limit = 1;
  plan.columns = {0};
  return plan;
}

Result<void> write_row(const std::string& document, rows::Writer& writer) {
  const std::string_view text = document;
  const rows::Column column{.kind = rows::Kind::json, .values = &text};
  return writer.write({.columns = {&column, 1}, .rows = 1});
}

Outcome write(const query::Plan& asked, const Result<std::string>& document, rows::Writer& writer) {
  if (!document) return tl::unexpected(Failure(document.error(), "fake"));
  if (auto begun = writer.begin(rows::Columns(fake_plan())); !begun) return fail(begun.error());
  if (auto written = write_row(*document, writer); !written) return fail(written.error());
  if (auto finished = writer.finish(); !finished) return fail(finished.error());
  Answered answered{.row_count = 1, .has_more = false, .by = "fake", .duration = {}};
  if (asked.total_rows) answered.total_rows = 1;
  if (asked.totals) {
    if (auto totals = write({}, document, writer.totals()); !totals) return totals;
  }
  return answered;
}

}  // namespace

void FakeExecutor::hold(const std::string& snapshot) {
  const std::lock_guard lock(mutex_);
  held_.insert(snapshot);
}

void FakeExecutor::let_go(const std::string& snapshot) {
  const std::lock_guard lock(mutex_);
  held_.erase(snapshot);
  changed_.notify_all();
}

void FakeExecutor::wait_until_building(const std::string& snapshot) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return building_.contains(snapshot); });
}

void FakeExecutor::wait_for_store_in(const std::string& snapshot) {
  const std::lock_guard lock(mutex_);
  awaiting_.insert(snapshot);
}

void FakeExecutor::fail_next(Refused failure) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(failure);
}

void FakeExecutor::fail_attaching(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  attach_error_ = std::move(error);
}

int FakeExecutor::builds() const {
  const std::lock_guard lock(mutex_);
  return builds_;
}

std::pair<std::uint64_t, Layout> FakeExecutor::wanted(const std::string& dataset) const {
  const std::lock_guard lock(mutex_);
  const auto found = wanted_.find(dataset);
  return found == wanted_.end() ? std::pair<std::uint64_t, Layout>{} : found->second;
}

fs::path FakeExecutor::place(const std::string& dataset, const std::string& handle) const {
  return root_ / dataset / (handle + ".duckdb");
}

std::optional<Refused> FakeExecutor::wait_while_held(const Materialization& request) {
  const std::string& id = request.source.manifest.snapshot_id;
  request.cancel->on_cancel([this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::optional<Refused> failure;
  {
    bool awaits = false;
    {
      const std::lock_guard lock(mutex_);
      awaits = awaiting_.contains(id);
    }
    const SourceWaits::During wait(awaits ? request.waits.get() : nullptr);
    std::unique_lock lock(mutex_);
    ++builds_;
    building_.insert(id);
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_.contains(id) || request.cancel->cancelled(); });
    building_.erase(id);
    failure = std::exchange(failure_, std::nullopt);
  }
  request.cancel->on_cancel({});
  if (while_building_) while_building_();
  if (request.cancel->cancelled()) failure = Refused{{ErrorCode::cancelled, "cancelled", {}}, {}};
  return failure;
}

tl::expected<Materialized, Refused> FakeExecutor::materialize(const Materialization& request) {
  const fs::path folder = root_ / request.dataset->id;
  const fs::path partial = folder / (std::string(kPartialPrefix) + request.name + ".duckdb");
  std::error_code error;
  fs::create_directories(folder, error);
  std::ofstream(partial) << "half of ";
  std::optional<Refused> failure;
  try {
    failure = wait_while_held(request);
  } catch (...) {
    fs::remove(partial, error);
    throw;
  }
  if (failure) {
    fs::remove(partial, error);
    return tl::unexpected(std::move(*failure));
  }
  const std::string content = "snapshot " + request.source.manifest.snapshot_id;
  std::ofstream(partial, std::ios::trunc) << content;
  fs::rename(partial, place(request.dataset->id, request.name), error);
  if (error) return tl::unexpected(Refused{{ErrorCode::unavailable, "cannot rename", error.message()}, {}});
  if (request.progress) request.progress(1);
  Materialized made;
  made.handle = request.name;
  made.rows = request.source.manifest.row_count.value_or(1);
  made.bytes = content.size();
  made.fingerprint = request.source.manifest.snapshot_id;
  made.checksum = to_hex(sha256(content));
  made.layout = "as loaded";
  return made;
}

Result<SnapshotPtr> FakeExecutor::attach(const Stored& stored, const catalog::Dataset& dataset) {
  {
    const std::lock_guard lock(mutex_);
    if (attach_error_) return fail(*attach_error_);
  }
  const fs::path file = place(dataset.id, stored.handle);
  const auto content = read_file(file, kMaxBytes);
  if (!content || !content->starts_with("snapshot ")) return fail(ErrorCode::corrupt, "no snapshot file");
  return std::make_shared<FakeSnapshot>(++last_id_, file, "f", index_state);
}

tl::expected<SnapshotPtr, Refused> FakeExecutor::scan(const catalog::Dataset&, const Source& source,
                                                      const CancelFlag*, SourceWaits*) {
  if (while_opening_) while_opening_();
  std::string fingerprint;
  for (const auto& file : source.files) {
    const auto content = read_file(file.location, kMaxBytes);
    if (!content) return tl::unexpected(Refused{content.error(), {}});
    fingerprint += to_hex(sha256(*content));
  }
  return std::make_shared<FakeSnapshot>(++last_id_, fs::path(), fingerprint, index_state);
}

Result<void> FakeExecutor::verify(const std::string& dataset, const Stored& stored, const CancelFlag&) {
  const auto content = read_file(place(dataset, stored.handle), kMaxBytes);
  if (!content) return fail(content.error());
  if (to_hex(sha256(*content)) != stored.checksum) return fail(ErrorCode::corrupt, "damaged");
  return {};
}

std::vector<Found> FakeExecutor::recover(const std::string& dataset, std::span<const Stored> known) {
  std::vector<Found> found;
  std::set<std::string> kept;
  std::error_code error;
  for (const Stored& stored : known) {
    const fs::path file = place(dataset, stored.handle);
    const auto size = fs::file_size(file, error);
    const bool unreadable = error && error != std::errc::no_such_file_or_directory;
    found.push_back(unreadable             ? Found::unreadable
                    : error                ? Found::missing
                    : size != stored.bytes ? Found::damaged
                                           : Found::sound);
    if (found.back() == Found::damaged) set_aside(dataset, stored.handle);
    if (found.back() != Found::missing) kept.insert(file.filename().string());
  }
  for (const auto& entry : fs::directory_iterator(root_ / dataset, error)) {
    const std::string name = entry.path().filename().string();
    // Like the local executor: deletes `{snapshot}.{build}.duckdb` and partial files only.
    const bool ours = (name.ends_with(".duckdb") && entry.path().stem().has_extension()) ||
                      name.starts_with(kPartialPrefix);
    if (ours && !kept.contains(name)) fs::remove(entry.path(), error);
  }
  return found;
}

void FakeExecutor::drop(const std::string& dataset, const std::string& handle) {
  std::error_code ignored;
  fs::remove(place(dataset, handle), ignored);
}

void FakeExecutor::set_aside(const std::string& dataset, const std::string& handle) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ / dataset, error)) {
    if (entry.path().extension() == ".corrupt") fs::remove(entry.path(), error);
  }
  const fs::path file = place(dataset, handle);
  fs::rename(file, file.string() + ".corrupt", error);
}

void FakeExecutor::want_layout(const SnapshotPtr& snapshot, const catalog::Dataset& dataset,
                               const Layout& layout) {
  const std::lock_guard lock(mutex_);
  wanted_[dataset.id] = {snapshot->id(), layout};
}

std::span<const std::string_view> FakeExecutor::parts() const {
  static constexpr std::string_view kPart = "fake";
  return {&kPart, 1};
}

void FakeExecutor::run(Query query, AnsweredCallback callback) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(throws_, false)) throw std::bad_alloc();
  asked_.push_back({std::move(query), std::move(callback)});
}

std::optional<Outcome> FakeExecutor::answer_at_once(const query::Plan& plan, const Snapshot*,
                                                    rows::Writer& writer) {
  if (!at_once_) return std::nullopt;
  return write(plan, at_once_(), writer);
}

void FakeExecutor::answer(std::size_t query, Result<std::string> document) {
  const Asked asked = take(query);
  asked.callback(write(asked.query.plan, document, *asked.query.writer));
}

void FakeExecutor::answer_with(std::size_t query, const Rows& produce) {
  const Asked asked = take(query);
  rows::Writer& writer = *asked.query.writer;
  Result<void> begun = writer.begin(rows::Columns(fake_plan()));
  if (!begun) return asked.callback(fail(begun.error()));
  Outcome outcome = produce([&writer](const std::string& document) {
    const auto written = write_row(document, writer);
    return written ? writer.flush() : written;
  });
  if (outcome) {
    auto finished = writer.finish();
    if (finished) finished = writer.flush();
    if (!finished) outcome = tl::unexpected(Failure(std::move(finished.error()), "fake"));
  }
  asked.callback(std::move(outcome));
}

Result<void> FakeExecutor::begin_again(std::size_t query) {
  std::shared_ptr<rows::Writer> writer;
  {
    const std::lock_guard lock(mutex_);
    writer = asked_[query].query.writer;
  }
  return writer->begin(rows::Columns(fake_plan()));
}

FakeExecutor::Asked FakeExecutor::take(std::size_t query) {
  const std::lock_guard lock(mutex_);
  return {asked_[query].query, std::move(asked_[query].callback)};
}

void FakeExecutor::throw_on_run() {
  const std::lock_guard lock(mutex_);
  throws_ = true;
}

std::size_t FakeExecutor::queries() const {
  const std::lock_guard lock(mutex_);
  return asked_.size();
}

bool FakeExecutor::cancelled(std::size_t query) const {
  const std::lock_guard lock(mutex_);
  return asked_[query].query.cancel->cancelled();
}

}  // namespace offloader::executor::testing
