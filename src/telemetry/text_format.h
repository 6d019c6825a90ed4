#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "offloader/telemetry/telemetry.h"

// Prometheus's text format, version 0.0.4. A scrape of a large project is some 20,000 lines, and has 20 ms:
// what of a line does not change (its labels) is rendered once, when the series appears. prometheus-cpp's
// serializer, which renders all of it again through a stream, needs 40; the tests hold this one to it.
namespace offloader::telemetry {

// `a="x",b="y"`, values escaped; empty for no labels.
[[nodiscard]] std::string render_labels(const Labels& labels);

// The HELP and TYPE lines of a family.
void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type);

// One line of a counter or a gauge. `labels` as render_labels() makes them.
void append_sample(std::string& out, std::string_view name, std::string_view labels, double value);

// The buckets, the sum and the count of a histogram.
void append_histogram(std::string& out, std::string_view name, std::string_view labels,
                      const Histogram& histogram);

}  // namespace offloader::telemetry
