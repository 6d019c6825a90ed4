#pragma once

#include <condition_variable>
#include <mutex>

#include "offloader/duckdb/instance.h"

namespace offloader::duckdb::testing {

// Makes queries wait until the test opens the gate, by the SQL function wait_at_gate(BIGINT). Also adds
// break_instance(BIGINT), which invalidates the instance that it runs in. Thread-safe; outlives the instances
// that it was added to.
class Gate {
 public:
  void add_to(Connection& connection);

  void open();
  // Waits until `count` calls of wait_at_gate() have arrived, without a timeout.
  void await_arrivals(int count);
  // Whether any call has arrived.
  [[nodiscard]] bool reached();

 private:
  void pass();

  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

}  // namespace offloader::duckdb::testing
