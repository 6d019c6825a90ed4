#pragma once

#include <algorithm>
#include <cstdint>

// Decides where a plan runs, by the number of rows in range after the directory lookup and the binary
// searches. The figures below were measured on a busy machine (2 cores, load 15). Before changing a threshold
// run src/local_executor/bench/index_bench.cc (`make bench TARGET=local_executor_index_bench`) on a quiet
// one.
namespace offloader::index {

struct Thresholds {
  // Up to this many rows the thread that read the request answers. The index took 4 to 5 ns of CPU time per
  // row, so this many take about 80 us, during which the thread's other requests wait. Handing a request to a
  // pool thread and back took 7 us of CPU time and 25 us in total.
  std::uint64_t immediate_rows = 16'384;
  // Beyond this many rows DuckDB answers. At four million rows the index took 17 ms of CPU time, and DuckDB's
  // calling thread about as much; the time of DuckDB's other threads was not measured.
  std::uint64_t pool_rows = 4'000'000;

  // Assumes, without measurement, that the row count at which DuckDB catches up is inversely proportional to
  // its number of threads.
  [[nodiscard]] static Thresholds for_threads(unsigned duckdb_threads) {
    Thresholds thresholds;
    thresholds.pool_rows = 8'000'000 / std::max(2U, duckdb_threads);
    return thresholds;
  }
};

}  // namespace offloader::index
