#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Time zones from the system's zone files (RFC 8536), which share neither code nor data with the server.
namespace offloader::executor::testing::model {

class Zone {
 public:
  // Returns nullopt if the system has no such file. Aborts if the file is none that it understands.
  static std::optional<Zone> load(const std::string& name);

  // The offset from UTC at an instant, both in seconds.
  [[nodiscard]] std::int64_t offset(std::int64_t at) const;

  // The day on which an instant is, in days since 1970-01-01. Instants are in microseconds.
  [[nodiscard]] std::int64_t day(std::int64_t micros) const;
  // The instant less the minutes and seconds of its local time.
  [[nodiscard]] std::int64_t hour(std::int64_t micros) const;
  // The first instant of a day; nullopt if the zone has skipped it.
  [[nodiscard]] std::optional<std::int64_t> first_instant(std::int64_t day) const;

 private:
  // When daylight saving begins or ends: the `week`-th `weekday` of `month`, `seconds` after midnight. Week 5
  // is the last one.
  struct Rule {
    int month = 0;
    int week = 0;
    int weekday = 0;
    std::int64_t seconds = 0;
  };
  struct Change {
    std::int64_t at;
    std::int64_t offset;  // from then on
  };

  void read_footer(const std::string& text);
  [[nodiscard]] static std::int64_t local_time(const Rule& rule, std::int64_t year);

  std::int64_t first_ = 0;  // the offset before the first change
  std::vector<Change> changes_;
  std::int64_t standard_ = 0;  // after the last change
  std::int64_t summer_ = 0;
  std::optional<Rule> begin_;  // nullopt: no daylight saving
  std::optional<Rule> end_;
};

}  // namespace offloader::executor::testing::model
