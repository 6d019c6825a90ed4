#include "offloader/serving/answers.h"

#include <algorithm>
#include <utility>

namespace offloader::serving {

namespace {

// Clients are told this while memory is short, so it allocates none.
tl::unexpected<Error> no_memory() {
  return tl::unexpected<Error>(Error{ErrorCode::no_memory, {}, {}});
}

// A callback that throws must neither keep the others from being called nor end the calling thread. The
// responder that it holds answers 500 when it is destroyed.
void tell(const FetchCallback& callback, const FetchOutcome& outcome, bool first) noexcept {
  try {
    callback(outcome, first);
  } catch (...) {  // NOLINT(bugprone-empty-catch)
  }
}

}  // namespace

Answers::Answers(executor::Executor& executor, ResponseCache& cache, Sha256 etag_key,
                 std::shared_ptr<ByteBudget> memory, std::shared_ptr<const rows::WriterMaker> writers)
    : executor_(executor),
      cache_(cache),
      etag_key_(etag_key),
      memory_(std::move(memory)),
      writers_(writers ? std::move(writers) : std::make_shared<rows::TextWriters>()) {}

Question Answers::question(const ServedEndpoint& endpoint, const query::Plan& plan, rows::Format format) {
  Question out;
  out.format = format;
  out.csv_guard = endpoint.contract->csv_guard;
  out.scope = {endpoint.compiler->fingerprint(), endpoint.snapshot->fingerprint};
  out.key.reserve(128);
  out.key.append(reinterpret_cast<const char*>(endpoint.scope.data()), endpoint.scope.size());
  out.key.push_back(static_cast<char>(format));
  query::append_canonical(out.key, plan);
  return out;
}

std::string Answers::tag(const Question& question) const {
  const auto digest = keyed_digest(etag_key_, question.key);
  std::string tag;
  tag.reserve(2 * digest.size());
  append_hex(tag, digest);
  return tag;
}

std::optional<FetchOutcome> Answers::answer_at_once(const Question& question, const query::Plan& plan,
                                                    const executor::Snapshot* snapshot) try {
  if (memory_ && memory_->full()) return no_memory();
  const auto writer = writers_->make(question.format, {question.csv_guard, memory_});
  if (!writer) return tl::unexpected<executor::Failure>(writer.error());
  if ((*writer)->may_block()) return std::nullopt;
  const auto answered = executor_.answer_at_once(plan, snapshot, **writer);
  if (!answered) return std::nullopt;
  return keep(question, false, 0, *answered, **writer);
} catch (...) {
  return no_memory();
}

void Answers::stream(executor::Query query, executor::AnsweredCallback callback) {
  if (memory_ && memory_->full()) return callback(no_memory());
  const auto called = std::make_shared<std::atomic_flag>();
  try {
    executor_.run(std::move(query), [called, callback](executor::Outcome outcome) {
      if (!called->test_and_set()) callback(std::move(outcome));
    });
  } catch (...) {
    if (!called->test_and_set()) callback(no_memory());
  }
}

void Answers::fetch(Question question, query::Plan plan, std::shared_ptr<const executor::Snapshot> snapshot,
                    FetchOptions options, FetchCallback callback) {
  std::shared_ptr<Flight> flight;
  bool first = false;
  std::uint64_t number = 0;
  {
    MutexLock lock(flights_mutex_);
    if (const auto joined = flights_.find(question.key); joined != flights_.end()) {
      flight = joined->second;
    } else if (memory_ && memory_->full()) {
      lock.unlock();
      return tell(callback, no_memory(), true);
    } else {
      flight = std::make_shared<Flight>();
      flight->cancel = std::make_shared<CancelFlag>();
      flight->key = question.key;
      flight->waiters.reserve(1);
      flights_.emplace(question.key, flight);
      first = true;
    }
    number = ++next_waiter_;
    flight->waiters.push_back({number, std::move(callback)});
  }
  try {
    if (options.gone) {
      options.gone->on_cancel([this, flight, number] { leave(flight, number, ErrorCode::cancelled); });
    }
  } catch (...) {
    // Fail only this request: the query of a flight that others have joined goes on.
    if (leave(flight, number, ErrorCode::no_memory)) return;
  }
  if (!first) return;
  try {
    start(flight, std::move(question), std::move(plan), std::move(snapshot), options);
  } catch (...) {
    // A request that joins later must not wait for a query that never started.
    land(flight, no_memory());
  }
}

void Answers::start(const std::shared_ptr<Flight>& flight, Question question, query::Plan plan,
                    std::shared_ptr<const executor::Snapshot> snapshot, const FetchOptions& options) {
  // Double-checked: an identical query may have landed after the caller looked into the cache and before it
  // locked the table of flights.
  if (options.cache) {
    if (auto answer = cache_.peek(question.key)) {
      Fetched found;
      found.answer = std::move(answer);
      found.cached = true;
      return land(flight, std::move(found));
    }
  }
  auto made = writers_->make(question.format, {question.csv_guard, memory_});
  if (!made) return land(flight, tl::unexpected<executor::Failure>(std::move(made.error())));
  const std::shared_ptr<rows::Writer> writer = std::move(*made);
  executor::Query query{std::move(plan), std::move(snapshot), writer, options.fairness_class, flight->cancel};
  executor_.run(std::move(query), [this, flight, writer, asked = std::move(question), cache = options.cache,
                                   epoch = cache_.epoch()](const executor::Outcome& answered) {
    land(flight, keep(asked, cache, epoch, answered, *writer));
  });
}

// A flight without waiters leaves the table at once, so that the next request does not join a query that is
// being cancelled.
bool Answers::leave(const std::shared_ptr<Flight>& flight, std::uint64_t waiter, ErrorCode reason) {
  FetchCallback callback;
  bool last = false;
  {
    const MutexLock lock(flights_mutex_);
    if (flight->landed) return false;
    const auto at = std::find_if(flight->waiters.begin(), flight->waiters.end(),
                                 [&](const Waiter& candidate) { return candidate.number == waiter; });
    if (at == flight->waiters.end()) return false;
    callback = std::move(at->callback);
    flight->waiters.erase(at);
    last = flight->waiters.empty();
    if (last) {
      if (const auto slot = flights_.find(flight->key); slot != flights_.end() && slot->second == flight)
        flights_.erase(slot);
    }
  }
  if (last) flight->cancel->cancel();
  tell(callback, tl::unexpected<Error>(Error{reason, {}, {}}), last);
  return last;
}

// The rows become the answer in place, because a second copy would double the cost of a large page.
FetchOutcome Answers::keep(const Question& question, bool cache, std::uint64_t epoch,
                           const executor::Outcome& answered, rows::Writer& writer) try {
  if (!answered) return tl::unexpected(answered.error());
  auto [text, room, totals] = writer.take();
  if (room.bytes() == 0) room = ByteHold(memory_);
  if (question.format == rows::Format::json) {
    text.insert(0, R"({"data":)");
    text.append(R"(,"meta":)");
  }
  // Trim the capacity of a text that is to be cached, if there is memory for both copies.
  if (cache && text.capacity() > text.size() + text.size() / 4 && room.try_resize(2 * text.size()))
    text.shrink_to_fit();
  auto answer = std::make_shared<const CachedAnswer>(
      std::move(text), answered->row_count, answered->has_more, tag(question), std::move(room),
      question.format, AnswerTotals{answered->total_rows, std::move(totals)}, answered->end);
  if (cache) cache_.insert(question.key, question.scope, answer, epoch);
  return Fetched{std::move(answer), answered->by, answered->duration, false};
} catch (...) {
  return no_memory();
}

void Answers::land(const std::shared_ptr<Flight>& flight, FetchOutcome outcome) {
  std::vector<Waiter> waiters;
  {
    const MutexLock lock(flights_mutex_);
    flight->landed = true;
    waiters.swap(flight->waiters);
    if (const auto slot = flights_.find(flight->key); slot != flights_.end() && slot->second == flight)
      flights_.erase(slot);
  }
  bool first = true;
  for (const Waiter& waiter : waiters) tell(waiter.callback, outcome, std::exchange(first, false));
}

}  // namespace offloader::serving
