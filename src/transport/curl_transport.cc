#include <curl/curl.h>

#include <list>
#include <new>
#include <unordered_map>
#include <utility>

#include "curl_transfer.h"
#include "offloader/base/mutex.h"
#include "offloader/base/thread.h"
#include "offloader/transport/transport.h"

namespace offloader::transport {
namespace {

// The requests of one perform() call, which waits until none is left.
struct Batch {
  explicit Batch(std::size_t requests) : left(requests) {}

  void one_done() {
    const MutexLock lock(left_mutex);
    if (--left == 0) over.notify_all();
  }
  void wait() {
    const MutexLock lock(left_mutex);
    while (left > 0) over.wait(left_mutex);
  }

  Mutex left_mutex;
  Condition over;
  std::size_t left OFFLOADER_GUARDED_BY(left_mutex);
};

struct Job {
  const HttpRequest* request = nullptr;
  HttpResponse* response = nullptr;
  Batch* batch = nullptr;
};

struct Running {
  Job job;
  std::unique_ptr<CurlTransfer> transfer;
};

constexpr int kPollMilliseconds = 1000;
// How often a cancellable transfer checks its flag while no data arrives.
constexpr int kCancelPollMilliseconds = 25;
constexpr std::size_t kKeptHandles = 64;

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(TransportOptions options) : options_(std::move(options)) {
    static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = initialized == CURLE_OK ? curl_multi_init() : nullptr;
    if (multi_ == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 128L);
    idle_.reserve(kKeptHandles);
  }

  ~CurlTransport() override {
    {
      const MutexLock lock(queue_mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_);
    transfers_.join();
    for (CURL* const easy : idle_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
  }

  std::vector<HttpResponse> perform(const std::vector<HttpRequest>& requests) override {
    std::vector<HttpResponse> responses(requests.size());
    if (requests.empty()) return responses;
    Batch batch(requests.size());
    // Queue all jobs or none: if an exception left some of them behind, they would point at destroyed
    // objects.
    std::list<Job> jobs;
    for (std::size_t i = 0; i < requests.size(); ++i) jobs.push_back({&requests[i], &responses[i], &batch});
    {
      const MutexLock lock(queue_mutex_);
      if (auto started = start_thread(); !started) {
        for (HttpResponse& response : responses) response.failure = started.error().message;
        return responses;
      }
      queue_.splice(queue_.end(), jobs);
    }
    curl_multi_wakeup(multi_);
    batch.wait();
    return responses;
  }

 private:
  // Starts the thread with the first request, so that a process that reads no store has no such thread. If
  // the start fails, the next request tries again.
  Result<void> start_thread() OFFLOADER_REQUIRES(queue_mutex_) {
    if (transfers_.joinable()) return {};
    return transfers_.start({.name = "transfers", .after = Thread::AfterEscape::restart}, [this] { run(); });
  }

  void run() {
    while (true) {
      if (!start_queued()) return;
      int active = 0;
      curl_multi_perform(multi_, &active);
      finish_done();
      curl_multi_poll(multi_, nullptr, 0, cancellable_ > 0 ? kCancelPollMilliseconds : kPollMilliseconds,
                      nullptr);
    }
  }

  // Returns false when the transport must end; by then every perform() has returned.
  bool start_queued() {
    std::list<Job> jobs;
    {
      const MutexLock lock(queue_mutex_);
      jobs.swap(queue_);
      if (stopping_ && jobs.empty() && running_.empty()) return false;
    }
    for (const Job& job : jobs) {
      // Whatever happens, the perform() that waits for this job must be released.
      try {
        start(job);
      } catch (...) {
        end_unstarted(job);
      }
    }
    return true;
  }

  // Ends a job that an exception kept from starting.
  static void end_unstarted(const Job& job) noexcept {
    try {
      job.response->failure = error_in_flight().message;
    } catch (...) {  // NOLINT(bugprone-empty-catch): not even memory for words
    }
    job.batch->one_done();
  }
  static void end_unstarted(const Job& job, std::string failure) {
    job.response->failure = std::move(failure);
    job.batch->one_done();
  }

  void start(const Job& job) {
    CURL* easy = nullptr;
    if (idle_.empty()) {
      easy = curl_easy_init();
    } else {
      easy = idle_.back();
      idle_.pop_back();
    }
    if (easy == nullptr) return end_unstarted(job, "out of memory");
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> owned(easy, &curl_easy_cleanup);
    const auto [place, added] = running_.try_emplace(easy);
    try {
      place->second = {job, std::make_unique<CurlTransfer>(easy, options_, *job.request, *job.response)};
    } catch (...) {
      running_.erase(place);
      throw;
    }
    if (const CURLcode setup = place->second.transfer->setup(); setup != CURLE_OK) {
      running_.erase(place);
      return end_unstarted(job, std::string("cannot prepare the request: ") + curl_easy_strerror(setup));
    }
    if (curl_multi_add_handle(multi_, easy) != CURLM_OK) {
      running_.erase(place);
      return end_unstarted(job, "cannot start the transfer");
    }
    static_cast<void>(owned.release());
    if (job.request->cancel != nullptr) ++cancellable_;
  }

  void finish_done() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const easy = message->easy_handle;
      const CURLcode code = message->data.result;
      const auto found = running_.find(easy);
      found->second.transfer->finish(code);
      const Job job = found->second.job;
      curl_multi_remove_handle(multi_, easy);
      running_.erase(found);
      if (job.request->cancel != nullptr) --cancellable_;
      job.batch->one_done();
      if (idle_.size() < kKeptHandles) {
        curl_easy_reset(easy);
        idle_.push_back(easy);
      } else {
        curl_easy_cleanup(easy);
      }
    }
  }

  const TransportOptions options_;
  CURLM* multi_ = nullptr;
  Mutex queue_mutex_;
  std::list<Job> queue_ OFFLOADER_GUARDED_BY(queue_mutex_);
  bool stopping_ OFFLOADER_GUARDED_BY(queue_mutex_) = false;
  // Used by the transfer thread only.
  std::unordered_map<CURL*, Running> running_;
  std::vector<CURL*> idle_;
  std::size_t cancellable_ = 0;
  Thread transfers_;  // guarded by queue_mutex_ until it runs
};

}  // namespace

std::shared_ptr<Transport> make_curl_transport(TransportOptions options) {
  return std::make_shared<CurlTransport>(std::move(options));
}

}  // namespace offloader::transport
