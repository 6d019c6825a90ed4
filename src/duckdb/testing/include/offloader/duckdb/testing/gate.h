#pragma once

#include <condition_variable>
#include <mutex>

#include "offloader/duckdb/instance.h"

namespace offloader::duckdb::testing {

// A door that queries stop at, as the SQL function wait_at_gate(BIGINT); and break_instance(BIGINT), which
// breaks the instance that it runs in. Any thread; outlives the instances that it was added to.
class Gate {
 public:
  void add_to(Connection& connection);

  void open();
  void await_arrivals(int count);
  [[nodiscard]] bool reached();

 private:
  void pass();

  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

}  // namespace offloader::duckdb::testing
