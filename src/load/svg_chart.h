#pragma once

#include <string>
#include <utility>
#include <vector>

namespace offloader::load {

struct ChartLine {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

struct Chart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<std::pair<double, std::string>> x_ticks;  // position and label
  std::vector<ChartLine> lines;                         // at most four, each in its own color
};

// Returns a line chart as an SVG element. The y axis begins at 0. Names are escaped.
[[nodiscard]] std::string to_svg(const Chart& chart);

}  // namespace offloader::load
