#include "batch.h"

#include <stdexcept>
#include <utility>

#include "meta.h"
#include "offloader/base/json_text.h"

namespace offloader::api {

// What the stages see of the request of each: they take its params from the exchange, and nothing of its
// headers applies.
class Batch::Request final : public http::Request {
 public:
  explicit Request(std::size_t io_thread) : io_thread_(io_thread) {}
  std::string_view method() const override { return "POST"; }
  std::string_view target() const override { return ""; }
  std::optional<std::string_view> header(std::string_view) const override { return std::nullopt; }
  std::size_t header_count(std::string_view) const override { return 0; }
  std::string_view peer() const override { return ""; }
  std::size_t io_thread() const override { return io_thread_; }

 private:
  const std::size_t io_thread_;
};

// Takes the response of one request.
class Batch::Slot final : public http::Responder::Sink {
 public:
  Slot(std::shared_ptr<Batch> batch, std::size_t index) : batch_(std::move(batch)), index_(index) {}
  void send(http::Response response) override {
    batch_->answered(index_, response.status, std::move(response.body));
  }
  // Answers in a batch are JSON pages, which are never streamed.
  http::BodyStream stream(http::Response) override { throw std::logic_error("a batch cannot stream"); }
  void abandon() override { batch_->answered(index_, 500, {}); }

 private:
  const std::shared_ptr<Batch> batch_;
  const std::size_t index_;
};

Batch::Batch(std::shared_ptr<Exchange> outer, std::vector<BatchedRequest> requests, const Finish& finish,
             const Steps& steps, std::shared_ptr<ByteBudget> memory)
    : outer_(std::move(outer)),
      finish_(finish),
      steps_(steps),
      memory_(std::move(memory)),
      request_(std::make_unique<const Request>(outer_->request->io_thread())),
      requests_(std::move(requests)),
      answers_(requests_.size()),
      unanswered_(requests_.size()) {
  waiting_.reserve(requests_.size());  // take_turn() must not fail between its two steps
  gone_.reserve(requests_.size());
  for (std::size_t i = 0; i < requests_.size(); ++i) gone_.push_back(std::make_shared<CancelFlag>());
}

Batch::~Batch() = default;

void Batch::start() {
  if (requests_.empty()) return respond();
  (*outer_->gone)->on_cancel([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->cancel();
  });
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    Exchange exchange(*request_, http::Responder(std::make_shared<Slot>(shared_from_this(), i)), gone_[i]);
    exchange.generation = outer_->generation;
    exchange.series = outer_->series;
    exchange.request_id = outer_->request_id;
    exchange.method = request_->method();
    exchange.client = outer_->client;
    exchange.trace_id = outer_->trace_id;
    exchange.begun = outer_->begun;
    exchange.moment = outer_->moment;
    exchange.name = requests_[i].endpoint;
    exchange.allow = outer_->allow;
    exchange.for_data = true;
    exchange.batch = this;
    exchange.batch_index = i;
    exchange.principal = outer_->principal;
    exchange.params = std::move(requests_[i].params);
    steps_.begin(exchange);
  }
}

bool Batch::take_turn(Exchange& exchange) {
  const MutexLock lock(mutex_);
  if (places_taken_ < kPlaces && next_ == waiting_.size()) {
    ++places_taken_;
    return answers_[exchange.batch_index].has_place = true;
  }
  waiting_.push_back(Exchange::keep(std::move(exchange)));
  return false;
}

// Called by destructors too. Moves only, so nothing here needs memory until the batch is complete.
void Batch::answered(std::size_t index, int status, http::Body body) noexcept {
  bool complete = false;
  {
    const MutexLock lock(mutex_);
    Answer& answer = answers_[index];
    answer.status = status;
    answer.body = std::move(body);
    if (std::exchange(answer.has_place, false)) --places_taken_;
    complete = --unanswered_ == 0;
  }
  if (!complete) return give_turns();
  try {
    respond();
  } catch (...) {  // NOLINT(bugprone-empty-catch): no memory; the responder of the batch answers 500
  }
}

// A request that is answered at once calls this again, from within. The outer call goes on instead, so that
// the stack does not grow with the batch.
void Batch::give_turns() noexcept {
  for (bool more = true; more;) {
    std::shared_ptr<Exchange> next;
    {
      const MutexLock lock(mutex_);
      if (giving_turns_ || next_ == waiting_.size() || places_taken_ == kPlaces) return;
      giving_turns_ = true;
      next = std::move(waiting_[next_++]);
      ++places_taken_;
      answers_[next->batch_index].has_place = true;
    }
    try {
      resume(next);
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory; its responder answers 500
    }
    next.reset();
    const MutexLock lock(mutex_);
    giving_turns_ = false;
    more = next_ < waiting_.size();
  }
}

void Batch::resume(const std::shared_ptr<Exchange>& exchange) const {
  // While cancel() is under way, the flag of this request may not be raised yet.
  if ((*outer_->gone)->cancelled()) (*exchange->gone)->cancel();
  if ((*exchange->gone)->cancelled())
    return finish_.refused(*exchange, {ErrorCode::cancelled, {}, {}}, false);
  steps_.resume(*exchange);
}

void Batch::cancel() {
  for (const auto& gone : gone_) gone->cancel();
}

void Batch::respond() {
  if ((*outer_->gone)->cancelled()) return finish_.refused(*outer_, {ErrorCode::cancelled, {}, {}}, false);
  steps_.limits(*outer_);
  finish_.headers().append_uncached(outer_->head, true);
  http::Body results = take_results();
  // Compression needs the answer in one piece. Without it, or without memory for a copy, send the pieces.
  ByteHold room(memory_);
  if (outer_->encoding != serving::Encoding::identity && room.try_resize(results.size())) {
    std::string text;
    text.reserve(results.size());
    for (const http::Body::Piece& piece : results.pieces()) text.append(piece.bytes());
    results = {};
    outer_->answer = std::make_shared<const serving::CachedAnswer>(std::move(text), 0, false, std::string(),
                                                                   std::move(room));
    return steps_.send(*outer_);
  }
  http::Response response;
  response.headers = std::move(outer_->head);
  finish_.headers().append_common(response.headers, *outer_);
  results.append(meta_of(*outer_, serving::CacheResult::off, {}));
  response.body = std::move(results);
  finish_.served(*outer_, std::move(response));
}

// Returns everything up to the meta of the batch.
http::Body Batch::take_results() {
  http::Body out;
  std::string between = R"({"results":[)";
  const MutexLock lock(mutex_);
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    between.append(i == 0 ? R"({"id":)" : R"(,{"id":)");
    if (const auto& id = requests_[i].id) {
      json::append_string(between, *id);
    } else {
      between.append("null");
    }
    between.append(R"(,"status":)");
    json::append_int(between, answers_[i].status);
    between.append(R"(,"body":)");
    if (answers_[i].body.size() == 0) {
      between.append(
          serving::error_body(serving::family_of(answers_[i].status), "internal error", outer_->request_id));
    }
    out.append(std::exchange(between, "}"));
    out.append(std::move(answers_[i].body));
  }
  out.append(between.append(R"(],"meta":)"));
  return out;
}

}  // namespace offloader::api
