#pragma once

#include <map>
#include <string>
#include <utility>

#include "offloader/base/mutex.h"
#include "offloader/telemetry/telemetry.h"
#include "offloader/transport/retry.h"

namespace offloader::object_store {

// Counts the requests and bytes of one store. Any thread.
class Traffic final : public transport::RequestObserver {
 public:
  Traffic(telemetry::Metrics& metrics, std::string store);

  // The code is the HTTP status, or the outcome if there is no status.
  void on_answer(const std::string& operation, const transport::HttpResponse& response) override;
  void count(const std::string& operation, const std::string& code, std::uint64_t bytes);

 private:
  telemetry::Metrics& metrics_;
  const std::string store_;
  telemetry::Counter& bytes_;
  Mutex requests_mutex_;
  std::map<std::pair<std::string, std::string>, telemetry::Counter*> requests_
      OFFLOADER_GUARDED_BY(requests_mutex_);
};

}  // namespace offloader::object_store
