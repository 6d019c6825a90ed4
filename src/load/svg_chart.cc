#include "svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "offloader/base/html_text.h"

namespace offloader::load {
namespace {

constexpr double kWidth = 860;
constexpr double kHeight = 320;
constexpr double kLeft = 72;
constexpr double kRight = 20;
constexpr double kTop = 36;
constexpr double kBottom = 52;
constexpr const char* kColours[] = {"#1f6feb", "#d1442f", "#2da44e", "#8250df"};

// Returns 1, 2 or 5 times a power of ten, so that about five steps reach `most`.
double step_for(double most) {
  const double rough = most / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::string to_svg(const Chart& chart) {
  double least_x = 1e300;
  double most_x = -1e300;
  double most_y = 0;
  for (const ChartLine& line : chart.lines) {
    for (const auto& [x, y] : line.points) {
      least_x = std::min(least_x, x);
      most_x = std::max(most_x, x);
      most_y = std::max(most_y, y);
    }
  }
  if (most_x <= least_x) most_x = least_x + 1;
  const double step = step_for(most_y > 0 ? most_y : 1);
  const double top_y = std::max(step, std::ceil(most_y / step) * step);
  const auto at_x = [&](double x) {
    return kLeft + (x - least_x) / (most_x - least_x) * (kWidth - kLeft - kRight);
  };
  const auto at_y = [&](double y) { return kHeight - kBottom - y / top_y * (kHeight - kTop - kBottom); };
  std::string out;
  const auto put = std::back_inserter(out);
  fmt::format_to(put,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" "
                 "font-family=\"system-ui,sans-serif\" font-size=\"12\">\n<title>{}</title>\n"
                 "<text x=\"{}\" y=\"20\" font-size=\"15\">{}</text>\n",
                 kWidth, kHeight, escape_html(chart.title), kLeft, escape_html(chart.title));
  for (double y = 0; y <= top_y + step / 2; y += step) {
    fmt::format_to(put,
                   "<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#ddd\"/>"
                   "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n",
                   kLeft, kWidth - kRight, at_y(y), at_y(y), kLeft - 6, at_y(y) + 4, y);
  }
  for (const auto& [x, text] : chart.x_ticks) {
    if (x < least_x || x > most_x) continue;
    fmt::format_to(put, "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", at_x(x),
                   kHeight - kBottom + 18, escape_html(text));
  }
  fmt::format_to(put, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                 (kLeft + kWidth - kRight) / 2, kHeight - 12, escape_html(chart.x_label));
  fmt::format_to(put, "<text transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                 (kTop + kHeight - kBottom) / 2, escape_html(chart.y_label));
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    const char* colour = kColours[i % std::size(kColours)];
    fmt::format_to(put, "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" points=\"", colour);
    for (const auto& [x, y] : chart.lines[i].points) fmt::format_to(put, "{:.1f},{:.1f} ", at_x(x), at_y(y));
    fmt::format_to(put, "\"/>\n<text x=\"{}\" y=\"20\" fill=\"{}\" text-anchor=\"end\">{}</text>\n",
                   kWidth - kRight - 90 * static_cast<double>(chart.lines.size() - 1 - i), colour,
                   escape_html(chart.lines[i].name));
  }
  out += "</svg>\n";
  return out;
}

}  // namespace offloader::load
