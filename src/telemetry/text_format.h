#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "offloader/telemetry/telemetry.h"

// Writes Prometheus's text format, version 0.0.4. A scrape of a large project has about 20,000 lines and must
// finish within 20 ms, so labels are rendered once, when a series is created. prometheus-cpp's serializer
// renders them for every scrape and takes 40 ms; the tests compare this output with its output.
namespace offloader::telemetry {

// Returns `a="x",b="y"` with the values escaped, or an empty string without labels.
[[nodiscard]] std::string render_labels(const Labels& labels);

// Appends the HELP and TYPE lines of a family.
void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type);

// Appends the line of a counter or a gauge. `labels` comes from render_labels().
void append_sample(std::string& out, std::string_view name, std::string_view labels, double value);

// Appends the cumulative buckets, the sum and the count of a histogram.
void append_histogram(std::string& out, std::string_view name, std::string_view labels,
                      const Histogram& histogram);

}  // namespace offloader::telemetry
