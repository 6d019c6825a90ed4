#include "index_rows.h"

#include <chrono>

namespace offloader::engine {
namespace {

using catalog::ColumnType;

constexpr std::size_t kKeptBytes = 1 << 20;

struct Buffers {
  std::string out;
  std::vector<std::string> labels;
};

Buffers& buffers() {
  thread_local Buffers mine;
  return mine;
}

// json::append_date for the years that nearly all dates have, without a formatter between.
void append_date_fast(std::string& out, std::int64_t days) {
  constexpr std::int64_t kFirst = -719528;  // 0000-01-01
  constexpr std::int64_t kLast = 2932896;   // 9999-12-31
  if (days < kFirst || days > kLast) {
    json::append_date(out, static_cast<std::int32_t>(days));
    return;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto month = static_cast<unsigned>(date.month());
  const auto day = static_cast<unsigned>(date.day());
  const auto digit = [](unsigned value) { return static_cast<char>('0' + value % 10); };
  const char text[12] = {'"',
                         digit(year / 1000),
                         digit(year / 100),
                         digit(year / 10),
                         digit(year),
                         '-',
                         digit(month / 10),
                         digit(month),
                         '-',
                         digit(day / 10),
                         digit(day),
                         '"'};
  out.append(text, sizeof text);
}

}  // namespace

IndexRows::IndexRows(const query::Plan& plan) : out_(buffers().out), labels_(buffers().labels) {
  out_.clear();
  out_.push_back('[');
  labels_.resize(plan.columns.size());
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    labels_[i].clear();
    if (i > 0) labels_[i].push_back(',');
    json::append_string(labels_[i], plan.shape->projections[plan.columns[i]].as);
    labels_[i].push_back(':');
  }
}

void IndexRows::value(const IndexColumn& column, std::uint64_t key) {
  if (column.is_null(key)) {
    null();
    return;
  }
  switch (column.type) {
    case ColumnType::boolean:
      json::append_bool(out_, column.int_value(key) != 0);
      break;
    case ColumnType::integer:
    case ColumnType::bigint:
      json::append_int(out_, column.int_value(key));
      break;
    case ColumnType::float64:
      json::append_double(out_, double_of_key(key));
      break;
    case ColumnType::date:
      append_date_fast(out_, static_cast<std::int32_t>(column.int_value(key)));
      break;
    case ColumnType::timestamp:
      json::append_timestamp(out_, column.int_value(key));
      break;
    case ColumnType::varchar:
      out_.push_back('"');
      out_.append(column.escaped.at(key));
      out_.push_back('"');
      break;
    case ColumnType::json:
      document(column.texts.at(key));
      break;
  }
}

std::string IndexRows::finish() {
  out_.push_back(']');
  if (out_.capacity() > kKeptBytes) return std::move(out_);
  return out_;
}

}  // namespace offloader::engine
