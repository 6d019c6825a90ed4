#include "traffic.h"

namespace offloader::object_store {
namespace {

std::string code_of(const transport::HttpResponse& response) {
  switch (response.outcome) {
    case transport::Outcome::answered:
      return std::to_string(response.status);
    case transport::Outcome::failed:
      return "failed";
    case transport::Outcome::timed_out:
      return "timeout";
    case transport::Outcome::stalled:
      return "stalled";
    case transport::Outcome::cancelled:
      return "cancelled";
    case transport::Outcome::refused:
      return "rejected";
    case transport::Outcome::too_large:
      return "too_large";
  }
  return "failed";
}

}  // namespace

Traffic::Traffic(telemetry::Metrics& metrics, std::string store)
    : metrics_(metrics),
      store_(std::move(store)),
      bytes_(metrics.counter("offloader_object_store_bytes_total", "Bytes read from object stores.",
                             {{"store", store_}})) {}

void Traffic::on_answer(const std::string& operation, const transport::HttpResponse& response) {
  count(operation, code_of(response), response.received);
}

void Traffic::count(const std::string& operation, const std::string& code, std::uint64_t bytes) {
  bytes_.add(bytes);
  const MutexLock lock(requests_mutex_);
  telemetry::Counter*& counter = requests_[{operation, code}];
  if (counter == nullptr) {
    counter = &metrics_.counter("offloader_object_store_requests_total",
                                "Requests to object stores, including retries.",
                                {{"store", store_}, {"operation", operation}, {"code", code}});
  }
  counter->add();
}

}  // namespace offloader::object_store
