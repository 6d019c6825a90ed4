#include "text_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

namespace offloader::telemetry {
namespace {

// Splits each line into the text before the value and the value. A comment is kept whole, with the value 0.
std::vector<std::pair<std::string, double>> lines_of(const std::string& text) {
  std::vector<std::pair<std::string, double>> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const auto space = line.rfind(' ');
    if (line.starts_with('#')) {
      out.emplace_back(line, 0);
    } else {
      out.emplace_back(line.substr(0, space), std::strtod(line.c_str() + space, nullptr));
    }
  }
  return out;
}

const Labels kHostile = {{"endpoint", "a\"b\\c\nd"}, {"cache", "hit"}};

std::vector<prometheus::ClientMetric::Label> reference_labels() {
  std::vector<prometheus::ClientMetric::Label> out;
  for (const auto& [name, value] : kHostile) out.push_back({name, value});
  return out;
}

TEST(TextFormat, AppendSample_Gauge_MatchesPrometheusCpp) {
  for (const double value :
       {0.0, 1.0, -1.5, 0.1, 1e-9, 123456789.125, 1e21, 9007199254740993.0, 1795521002.404681,
        std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    prometheus::MetricFamily family{"g", "A gauge.", prometheus::MetricType::Gauge, {}};
    family.metric.emplace_back().gauge.value = value;
    family.metric.back().label = reference_labels();
    std::string ours;
    append_head(ours, family.name, family.help, "gauge");
    append_sample(ours, "g", render_labels(kHostile), value);
    EXPECT_EQ(lines_of(ours), lines_of(prometheus::TextSerializer().Serialize({family})));
  }
}

TEST(TextFormat, AppendHistogram_MatchesPrometheusCpp) {
  Histogram histogram;
  for (double seconds = 0.00001; seconds < 100; seconds *= 1.7) histogram.observe(seconds);
  prometheus::MetricFamily family{"h", "A histogram.", prometheus::MetricType::Histogram, {}};
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = reference_labels();
  for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
    metric.histogram.sample_count += histogram.count_in(i);
    metric.histogram.bucket.push_back(
        {metric.histogram.sample_count, i + 1 == Histogram::kBuckets ? INFINITY : Histogram::kBounds[i]});
  }
  metric.histogram.sample_sum = histogram.sum();
  std::string ours;
  append_head(ours, "h", "A histogram.", "histogram");
  append_histogram(ours, "h", render_labels(kHostile), histogram);
  auto reference = lines_of(prometheus::TextSerializer().Serialize({family}));
  auto lines = lines_of(ours);
  std::sort(reference.begin(), reference.end());  // prometheus-cpp writes count and sum before the buckets
  std::sort(lines.begin(), lines.end());
  ASSERT_EQ(lines.size(), reference.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].first, reference[i].first);
    EXPECT_DOUBLE_EQ(lines[i].second, reference[i].second) << lines[i].first;
  }
}

// The format requires this escaping; prometheus-cpp 1.0 does not do it.
TEST(TextFormat, AppendHead_HelpWithLineBreak_IsEscaped) {
  std::string out;
  append_head(out, "g", "of \\ two\nlines, \"quoted\"", "gauge");
  EXPECT_EQ(out, "# HELP g of \\\\ two\\nlines, \"quoted\"\n# TYPE g gauge\n");
}

TEST(TextFormat, AppendSample_LargeCount_KeepsEveryDigit) {
  std::string out;
  append_sample(out, "offloader_rows_returned_total", "", 9007199254740991.0);
  append_sample(out, "g", "", std::nan(""));
  EXPECT_EQ(out, "offloader_rows_returned_total 9007199254740991\ng NaN\n");
}

}  // namespace
}  // namespace offloader::telemetry
