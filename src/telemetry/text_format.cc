#include "text_format.h"

#include <array>
#include <charconv>
#include <cmath>

namespace offloader::telemetry {
namespace {

// Writes the shortest text that parses to the same number. Whole numbers below 2^53 have no exponent.
void append_value(std::string& out, double value) {
  if (std::isnan(value)) {
    out.append("NaN");
    return;
  }
  if (std::isinf(value)) {
    out.append(value > 0 ? "+Inf" : "-Inf");
    return;
  }
  std::array<char, 32> buffer;
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const bool whole = std::abs(value) < kExact && value == std::trunc(value);
  char* const last = buffer.data() + buffer.size();
  if (whole) {
    out.append(buffer.data(), std::to_chars(buffer.data(), last, static_cast<std::int64_t>(value)).ptr);
    return;
  }
  // 0.0005 is easier to read than 5e-04.
  const bool readable = std::abs(value) >= 1e-5 && std::abs(value) < 1e15;
  const auto format = readable ? std::chars_format::fixed : std::chars_format::general;
  out.append(buffer.data(), std::to_chars(buffer.data(), last, value, format).ptr);
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out.append("\\n");
      continue;
    }
    if (c == '\\' || (quotes && c == '"')) out.push_back('\\');
    out.push_back(c);
  }
}

// The label `le="0.005"` of each bucket.
const std::array<std::string, Histogram::kBuckets>& bucket_labels() {
  static const auto labels = [] {
    std::array<std::string, Histogram::kBuckets> out;
    for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
      out[i] = "le=\"";
      append_value(out[i], i + 1 == Histogram::kBuckets ? INFINITY : Histogram::kBounds[i]);
      out[i].push_back('"');
    }
    return out;
  }();
  return labels;
}

void append_line(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                 std::string_view bucket, double value) {
  out.append(name).append(suffix);
  if (!labels.empty() || !bucket.empty()) {
    out.push_back('{');
    out.append(labels);
    if (!labels.empty() && !bucket.empty()) out.push_back(',');
    out.append(bucket).push_back('}');
  }
  out.push_back(' ');
  append_value(out, value);
  out.push_back('\n');
}

}  // namespace

std::string render_labels(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out.push_back(',');
    out.append(name).append("=\"");
    append_escaped(out, value, true);
    out.push_back('"');
  }
  return out;
}

void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  out.append("# HELP ").append(name).append(" ");
  append_escaped(out, help, false);
  out.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_sample(std::string& out, std::string_view name, std::string_view labels, double value) {
  append_line(out, name, "", labels, "", value);
}

void append_histogram(std::string& out, std::string_view name, std::string_view labels,
                      const Histogram& histogram) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
    count += histogram.count_in(i);
    append_line(out, name, "_bucket", labels, bucket_labels()[i], static_cast<double>(count));
  }
  append_line(out, name, "_sum", labels, "", histogram.sum());
  append_line(out, name, "_count", labels, "", static_cast<double>(count));
}

}  // namespace offloader::telemetry
