#include "offloader/load/report.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

namespace offloader::load {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kPercentiles = {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99};

double microseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1000;
}

// Writes a duration in a readable unit.
std::string duration_text(std::uint64_t nanoseconds) {
  const auto value = static_cast<double>(nanoseconds);
  if (value < 1e6) return fmt::format("{:.0f} us", value / 1e3);
  if (value < 1e9) return fmt::format("{:.2f} ms", value / 1e6);
  return fmt::format("{:.2f} s", value / 1e9);
}

void put_latency(const LoadReport& report, std::string& out) {
  if (report.latency.count() == 0) {
    out += "\nno successful answers\n";
    return;
  }
  const auto put = std::back_inserter(out);
  out += report.rate > 0 ? "\nlatency, from the time when a request was due\n" : "\nlatency\n";
  fmt::format_to(put, "  mean    {:>12}\n", duration_text(static_cast<std::uint64_t>(report.latency.mean())));
  for (const double percent : kPercentiles) {
    fmt::format_to(put, "  {:<7} {:>12}\n", fmt::format("p{:g}", percent),
                   duration_text(report.latency.percentile(percent)));
  }
  fmt::format_to(put, "  max     {:>12}\n", duration_text(report.latency.greatest()));
}

}  // namespace

std::string to_text(const LoadReport& report) {
  std::string out;
  const auto put = std::back_inserter(out);
  fmt::format_to(put, "{}:{}, {} connection{}, {}, {:.1f} s\n\n", report.host, report.port,
                 report.connections, report.connections == 1 ? "" : "s",
                 report.rate > 0 ? fmt::format("open loop at {:.0f} requests/s", report.rate) : "closed loop",
                 report.seconds);
  fmt::format_to(put, "answers/s  {:>12.0f}\nMiB/s      {:>12.1f}\n", report.answers_per_second(),
                 report.seconds > 0 ? static_cast<double>(report.bytes) / report.seconds / (1 << 20) : 0.0);
  for (const auto& [status, count] : report.statuses)
    fmt::format_to(put, "status {} {:>12}\n", status, count);
  if (report.disconnects > 0) fmt::format_to(put, "disconnects {:>11}\n", report.disconnects);
  if (report.timeouts > 0) fmt::format_to(put, "timeouts    {:>11}\n", report.timeouts);
  put_latency(report, out);
  if (report.never_sent > 0) {
    fmt::format_to(put,
                   "\n{} requests were due but never sent, because no connection was free. The server cannot "
                   "keep up, or there are too few connections.\n",
                   report.never_sent);
  }
  return out;
}

std::string to_json(const LoadReport& report) {
  Json out;
  out["host"] = report.host;
  out["port"] = report.port;
  out["connections"] = report.connections;
  out["loop"] = report.rate > 0 ? "open" : "closed";
  if (report.rate > 0) out["rate"] = report.rate;
  out["seconds"] = report.seconds;
  out["answers"] = report.answers;
  out["answers_per_second"] = report.answers_per_second();
  out["bytes"] = report.bytes;
  out["statuses"] = Json::object();
  for (const auto& [status, count] : report.statuses) out["statuses"][std::to_string(status)] = count;
  out["failures"] = {
      {"not_2xx", report.not_2xx}, {"disconnects", report.disconnects}, {"timeouts", report.timeouts}};
  out["never_sent"] = report.never_sent;
  Json latency;
  latency["min"] = microseconds(report.latency.least());
  latency["mean"] = report.latency.mean() / 1000;
  for (const double percent : kPercentiles)
    latency[fmt::format("p{:g}", percent)] = microseconds(report.latency.percentile(percent));
  latency["max"] = microseconds(report.latency.greatest());
  out["latency_us"] = std::move(latency);
  out["series"] = Json::array();
  for (const LoadSecond& second : report.series) {
    out["series"].push_back({{"answers", second.answers},
                             {"failures", second.failures},
                             {"p50_us", microseconds(second.p50)},
                             {"p99_us", microseconds(second.p99)}});
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_csv(const LoadReport& report) {
  std::string out = "percentile,microseconds\n";
  // Ten steps for each halving of the distance to 100 %, as in an HDR plot.
  for (double left = 100; left > 1e-4; left /= 2) {
    for (int step = 0; step < 10; ++step) {
      const double percent = 100 - left + left / 20 * step;
      fmt::format_to(std::back_inserter(out), "{:.6f},{:.3f}\n", percent,
                     microseconds(report.latency.percentile(percent)));
    }
  }
  fmt::format_to(std::back_inserter(out), "100.000000,{:.3f}\n", microseconds(report.latency.greatest()));
  return out;
}

}  // namespace offloader::load
