#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "offloader/base/html_text.h"
#include "offloader/load/report.h"
#include "svg_chart.h"

namespace offloader::load {
namespace {

double milliseconds(std::uint64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e6;
}

Chart by_percentile(const LoadReport& report) {
  Chart chart{"Latency by percentile", "percentile", "ms", {}, {{"latency", {}}}};
  // x counts the nines of the percentile: 1 is 90 %, 2 is 99 %.
  for (double nines = 0; nines <= 5.001; nines += 0.05) {
    const double percent = 100 * (1 - std::pow(10, -nines));
    chart.lines[0].points.emplace_back(nines, milliseconds(report.latency.percentile(percent)));
  }
  chart.x_ticks = {{0, "0"},      {0.30103, "50 %"}, {1, "90 %"},    {2, "99 %"},
                   {3, "99.9 %"}, {4, "99.99 %"},    {5, "99.999 %"}};
  return chart;
}

std::vector<std::pair<double, std::string>> ticks_for(std::size_t seconds) {
  std::vector<std::pair<double, std::string>> ticks;
  const std::size_t step = seconds / 10 + 1;
  for (std::size_t at = 1; at <= seconds; at += step) ticks.emplace_back(at, std::to_string(at));
  return ticks;
}

Chart by_second(const LoadReport& report, bool latencies) {
  Chart chart;
  chart.title = latencies ? "Latency over time" : "Answers over time";
  chart.x_label = "second";
  chart.y_label = latencies ? "ms" : "answers/s";
  chart.x_ticks = ticks_for(report.series.size());
  chart.lines = latencies ? std::vector<ChartLine>{{"p50", {}}, {"p99", {}}}
                          : std::vector<ChartLine>{{"answers", {}}, {"failures", {}}};
  for (std::size_t i = 0; i < report.series.size(); ++i) {
    const LoadSecond& second = report.series[i];
    const auto x = static_cast<double>(i + 1);
    chart.lines[0].points.emplace_back(
        x, latencies ? milliseconds(second.p50) : static_cast<double>(second.answers));
    chart.lines[1].points.emplace_back(
        x, latencies ? milliseconds(second.p99) : static_cast<double>(second.failures));
  }
  return chart;
}

}  // namespace

std::string to_html(const LoadReport& report) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>offloader bench</title>\n"
      "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
      "1rem;color:#1c2128}"
      "pre{background:#f6f8fa;padding:1rem;overflow:auto}svg{width:100%;height:auto;margin:1rem "
      "0}</style></head>"
      "<body>\n<h1>offloader bench</h1>\n";
  fmt::format_to(std::back_inserter(out), "<pre>{}</pre>\n", escape_html(to_text(report)));
  out += to_svg(by_percentile(report));
  out += to_svg(by_second(report, false));
  out += to_svg(by_second(report, true));
  out += "</body></html>\n";
  return out;
}

}  // namespace offloader::load
