#pragma once

#include <algorithm>
#include <cstdint>

// Who answers, by rows in range after the tenant directory and the binary searches. Run
// src/local_executor/bench/index_bench.cc (`make bench TARGET=local_executor_index_bench`) on a quiet machine
// before trusting or changing these: the figures below were taken on a busy one (2 cores, load 15).
namespace offloader::index {

struct Thresholds {
  // Up to here on the thread that read the request. A row took the index 4 to 5 ns of processor, so this many
  // take about 80 us, in which the thread's other requests wait; handing the request to a pool thread and
  // back took 7 us of processor and 25 us in all.
  std::uint64_t immediate_rows = 16'384;
  // Past this DuckDB is left to do it. At four million rows the index took 17 ms of processor, and DuckDB's
  // calling thread about as much; what DuckDB's other threads took was not counted.
  std::uint64_t pool_rows = 4'000'000;

  // Assumed, not measured: with more than two threads DuckDB draws level in proportion sooner.
  [[nodiscard]] static Thresholds for_threads(unsigned duckdb_threads) {
    Thresholds thresholds;
    thresholds.pool_rows = 8'000'000 / std::max(2U, duckdb_threads);
    return thresholds;
  }
};

}  // namespace offloader::index
