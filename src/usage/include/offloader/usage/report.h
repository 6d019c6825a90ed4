#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace offloader::usage {

// Hours since 1970-01-01T00:00Z.
using Hour = std::chrono::time_point<std::chrono::system_clock, std::chrono::hours>;

// What one line of the ledger counts.
struct Counts {
  std::int64_t requests_2xx = 0;
  std::int64_t requests_3xx = 0;
  std::int64_t requests_4xx = 0;
  std::int64_t requests_5xx = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::int64_t execution_us = 0;  // of queries; a hit takes none

  [[nodiscard]] std::int64_t requests() const {
    return requests_2xx + requests_3xx + requests_4xx + requests_5xx;
  }
  Counts& operator+=(const Counts& other) {
    requests_2xx += other.requests_2xx;
    requests_3xx += other.requests_3xx;
    requests_4xx += other.requests_4xx;
    requests_5xx += other.requests_5xx;
    rows += other.rows;
    bytes += other.bytes;
    execution_us += other.execution_us;
    return *this;
  }
  friend bool operator==(const Counts&, const Counts&) = default;
};

// What a report is about: the hours of [from, to), summed over everything that is not asked for.
struct Question {
  Hour from{};
  Hour to{};
  bool by_hour = false;
  bool by_key = false;
  bool by_tenant = false;
  bool by_endpoint = false;
};

// A line of a report. What it was not asked by has its default.
struct Line {
  Hour hour{};
  std::string key;       // of a key or of a token's issuer and subject
  std::string tenant;    // empty: none
  std::string endpoint;  // or `_unknown`, `_list`
  Counts counts;
};

struct Report {
  std::vector<Line> lines;          // sorted by hour, key, tenant and endpoint
  std::vector<std::string> called;  // all endpoints that were called, sorted
};

}  // namespace offloader::usage
