#include "offloader/serving/answers.h"

#include <algorithm>
#include <utility>

namespace offloader::serving {

Answers::Answers(engine::Engine& engine, ResponseCache& cache, Sha256 etag_key)
    : engine_(engine), cache_(cache), etag_key_(etag_key) {}

Question Answers::question(const ServedEndpoint& endpoint, const query::Plan& plan) {
  Question out;
  out.scope = {endpoint.compiler->fingerprint(), endpoint.snapshot->fingerprint};
  out.key.reserve(128);
  out.key.append(reinterpret_cast<const char*>(endpoint.scope.data()), endpoint.scope.size());
  query::append_canonical(out.key, plan);
  return out;
}

std::string Answers::etag(const Question& question) const {
  const auto digest = keyed_digest(etag_key_, question.key);
  std::string tag;
  tag.reserve(2 * digest.size() + 4);
  tag.append("W/\"");
  append_hex(tag, digest);
  tag.push_back('"');
  return tag;
}

std::optional<Result<Fetched>> Answers::answer_at_once(const Question& question, const query::Plan& plan,
                                                       const engine::Snapshot* snapshot) {
  auto rows = engine_.answer_at_once(plan, snapshot);
  if (!rows) return std::nullopt;
  return keep(question, false, 0, std::move(*rows));
}

void Answers::fetch(Question question, query::Plan plan, std::shared_ptr<const engine::Snapshot> snapshot,
                    FetchOptions options, FetchCallback callback) {
  std::shared_ptr<Flight> flight;
  bool first = false;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(flights_mutex_);
    std::shared_ptr<Flight>& slot = flights_[question.key];
    if (!slot) {
      slot = std::make_shared<Flight>();
      slot->cancel = std::make_shared<CancelFlag>();
      first = true;
    }
    flight = slot;
    number = ++next_waiter_;
    flight->waiters.push_back({number, std::move(callback)});
  }
  if (options.gone) {
    options.gone->on_cancel([this, flight, key = question.key, number] { leave(flight, key, number); });
  }
  if (!first) return;
  // The query that answered may have landed between the caller's look into the cache and the table's lock.
  if (options.cache) {
    if (auto answer = cache_.peek(question.key)) {
      Fetched found;
      found.answer = std::move(answer);
      found.cached = true;
      return land(flight, question.key, std::move(found));
    }
  }
  engine::QueryJob job{std::move(plan), std::move(snapshot), options.fairness_class, flight->cancel};
  engine_.run(std::move(job), [this, flight, asked = std::move(question), cache = options.cache,
                               epoch = cache_.epoch()](Result<engine::Rows> rows) {
    land(flight, asked.key, keep(asked, cache, epoch, std::move(rows)));
  });
}

// A waiter's client has gone. The flight of nobody leaves the table at once, so that who asks next does not
// join a query that is being cancelled.
void Answers::leave(const std::shared_ptr<Flight>& flight, const std::string& key, std::uint64_t waiter) {
  FetchCallback callback;
  bool last = false;
  {
    const std::lock_guard lock(flights_mutex_);
    if (flight->landed) return;
    const auto at = std::find_if(flight->waiters.begin(), flight->waiters.end(),
                                 [&](const Waiter& candidate) { return candidate.number == waiter; });
    if (at == flight->waiters.end()) return;
    callback = std::move(at->callback);
    flight->waiters.erase(at);
    last = flight->waiters.empty();
    if (last) {
      if (const auto slot = flights_.find(key); slot != flights_.end() && slot->second == flight)
        flights_.erase(slot);
    }
  }
  if (last) flight->cancel->cancel();
  callback(fail(ErrorCode::cancelled, "the client has gone"), last);
}

// The rows become the answer where they lie: a second copy would double what a large page costs.
Result<Fetched> Answers::keep(const Question& question, bool cache, std::uint64_t epoch,
                              Result<engine::Rows> rows) {
  if (!rows) return fail(std::move(rows.error()));
  std::string text = std::move(rows->json);
  text.insert(0, R"({"data":)");
  text.append(R"(,"meta":)");
  if (cache && text.capacity() > text.size() + text.size() / 4) text.shrink_to_fit();
  auto answer =
      std::make_shared<const CachedAnswer>(std::move(text), rows->row_count, rows->has_more, etag(question));
  if (cache) cache_.insert(question.key, question.scope, answer, epoch);
  return Fetched{std::move(answer), rows->executor, rows->duration, false};
}

void Answers::land(const std::shared_ptr<Flight>& flight, const std::string& key, Result<Fetched> outcome) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(flights_mutex_);
    flight->landed = true;
    waiters.swap(flight->waiters);
    if (const auto slot = flights_.find(key); slot != flights_.end() && slot->second == flight)
      flights_.erase(slot);
  }
  bool first = true;
  for (Waiter& waiter : waiters) waiter.callback(outcome, std::exchange(first, false));
}

}  // namespace offloader::serving
