#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace offloader::transport::testing {

struct Request {
  std::string method;
  std::string path;                            // as sent, percent-encoded
  std::string query;                           // as sent, without `?`
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
  std::uint64_t connection = 0;  // counts from 1

  [[nodiscard]] std::string header(const std::string& name) const;
  // Returns one decoded query parameter; empty if it is missing.
  [[nodiscard]] std::string param(const std::string& name) const;
};

struct Answer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // without Content-Length
  std::shared_ptr<const std::string> content;                // null: an empty body
  std::uint64_t offset = 0;                                  // where the body starts in `content`
  std::uint64_t length = 0;
  bool chunked = false;  // send the body in chunks instead of announcing its length
  std::vector<std::pair<std::string, std::string>> trailers{};  // after the last chunk
};

[[nodiscard]] Answer text_answer(int status, std::string body, const std::string& type = "text/plain");

// What goes wrong with one answer. Several faults can be combined.
struct Fault {
  std::optional<Answer> instead{};             // replaces the real answer
  std::optional<std::uint64_t> reset_after{};  // send this many bytes of body, then a TCP reset
  std::optional<std::uint64_t>
      close_after{};  // send this many bytes of body, then close, although more was announced
  std::optional<std::uint64_t> shorten_to{};  // announce and send only this many bytes of body
  bool drop = false;                          // a TCP reset instead of an answer
  bool hang = false;                          // no answer until the client disconnects or the server stops
  std::chrono::milliseconds delay{0};         // before the answer
  std::function<void()> before{};             // called before the request is answered
};

// An answer with `status` and a short body; `retry_after` is the value of that header, which is omitted if
// empty.
[[nodiscard]] Fault status_fault(int status, const std::string& retry_after = {});

// Applies `fault` to matching requests: skips the first `skip`, then applies it `times` times (negative:
// without end).
struct FaultRule {
  std::string method{};         // empty: any method
  std::string path_contains{};  // searched for in "path?query", as sent
  int skip = 0;
  int times = 1;
  Fault fault{};
};

// One request and its outcome. The log is in the order in which answers began.
struct Seen {
  std::string method;
  std::string path;
  std::string query;
  std::string range;  // the Range header
  std::string body;   // the request's body
  std::uint64_t connection = 0;
  int status = 0;          // 0: no answer
  std::uint64_t sent = 0;  // bytes of response body
};

// A small HTTP/1.1 server for tests, on an ephemeral port of 127.0.0.1, with one thread per connection and
// with keep-alive. Runs until it is destroyed. Every member may be called from any thread; the handler is
// called from several threads at a time.
class FakeServer {
 public:
  using Handler = std::function<Answer(const Request&)>;

  explicit FakeServer(Handler handler);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string host_port() const;  // 127.0.0.1:port
  [[nodiscard]] std::string url() const;        // http://127.0.0.1:port

  void inject(FaultRule rule);
  // Called for each request that no rule matches.
  void choose_faults(std::function<std::optional<Fault>(const Request&)> choose);
  void clear_faults();

  // Time to wait before each answer.
  void set_latency(std::chrono::milliseconds latency);
  // Bandwidth of response bodies, per connection; 0: unlimited.
  void set_bandwidth(std::uint64_t bytes_per_second);
  // How many requests are answered at a time, from their latency to their last byte; the others wait. 0:
  // unlimited.
  void set_answers_at_once(std::size_t most);
  // Resets every open connection.
  void reset_connections();

  [[nodiscard]] std::vector<Seen> seen() const;
  // Number of requests whose "path?query" contains `text`; an empty `method` matches any.
  [[nodiscard]] std::size_t count(const std::string& method = {}, const std::string& text = {}) const;
  [[nodiscard]] std::uint64_t bytes_sent() const;   // of response bodies, according to the log
  [[nodiscard]] std::uint64_t connections() const;  // accepted so far
  [[nodiscard]] std::size_t most_at_once() const;   // the most requests answered at the same time
  void clear_log();

 private:
  struct Connection {
    std::thread thread;
    int fd = -1;  // guarded by connections_mutex_
    bool over = false;
  };

  void accept_all();
  void serve(Connection& connection, std::uint64_t number);
  bool answer(int fd, const Request& request);
  bool answer_in_turn(int fd, const Request& request);
  bool send_answer(int fd, const Request& request, const Answer& answer, const Fault& fault, Seen& seen);
  Fault fault_for(const Request& request);
  // Returns false if the server stops meanwhile.
  bool sleep(std::chrono::steady_clock::duration duration);
  void record(Seen seen);

  const Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::int64_t> latency_ms_{0};
  std::atomic<std::uint64_t> bandwidth_{0};

  std::mutex stop_mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;

  std::mutex turns_mutex_;
  std::condition_variable turn_free_;
  std::size_t answers_at_once_ = 0;
  std::size_t answering_ = 0;

  std::mutex faults_mutex_;
  std::list<FaultRule> rules_;
  std::function<std::optional<Fault>(const Request&)> choose_;

  mutable std::mutex log_mutex_;
  std::vector<Seen> log_;
  std::uint64_t accepted_ = 0;
  std::size_t at_once_ = 0;
  std::size_t most_at_once_ = 0;

  std::mutex connections_mutex_;
  std::list<Connection> connections_;
  std::thread acceptor_;
};

}  // namespace offloader::transport::testing
