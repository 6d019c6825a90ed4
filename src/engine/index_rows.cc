#include "index_rows.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace offloader::engine {
namespace {

using catalog::ColumnType;

constexpr std::size_t kFirstBytes = 16 << 10;
constexpr std::size_t kKeptBytes = 1 << 20;
constexpr std::size_t kEnvelopeBytes = 64;

struct Buffers {
  std::string out;
  std::string text;
  std::vector<std::string> labels;
};

Buffers& buffers() {
  thread_local Buffers mine;
  return mine;
}

// Without clearing what is about to be written.
void make_size(std::string& out, std::size_t bytes) {
  out.resize_and_overwrite(bytes, [](char*, std::size_t size) { return size; });
}

}  // namespace

IndexRows::IndexRows(const query::Plan& plan)
    : out_(buffers().out), text_(buffers().text), labels_(buffers().labels) {
  if (out_.size() < kFirstBytes) make_size(out_, kFirstBytes);
  at_ = out_.data();
  end_ = at_ + out_.size();
  *at_++ = '[';
  labels_.resize(plan.columns.size());
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    labels_[i].clear();
    if (i > 0) labels_[i].push_back(',');
    json::append_string(labels_[i], plan.shape->projections[plan.columns[i]].as);
    labels_[i].push_back(':');
  }
}

void IndexRows::grow(std::size_t bytes) {
  const auto used = static_cast<std::size_t>(at_ - out_.data());
  make_size(out_, std::max(out_.size() * 2, used + bytes));
  at_ = out_.data() + used;
  end_ = out_.data() + out_.size();
}

// json::append_date for the years that nearly all dates have, without a formatter between.
void IndexRows::date(std::int64_t days) {
  constexpr std::int64_t kFirst = -719528;  // 0000-01-01
  constexpr std::int64_t kLast = 2932896;   // 9999-12-31
  if (days < kFirst || days > kLast) {
    text_.clear();
    json::append_date(text_, static_cast<std::int32_t>(days));
    put(text_);
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
  put({text, sizeof text});
}

void IndexRows::wide(Int128 value) {
  if (value >= INT64_MIN && value <= INT64_MAX) {
    integer(static_cast<std::int64_t>(value));
    return;
  }
  text_.clear();
  json::append_int128(text_, value);
  put(text_);
}

void IndexRows::number(double value) {
  text_.clear();
  json::append_double(text_, value);
  put(text_);
}

void IndexRows::value(const IndexColumn& column, std::uint64_t key) {
  if (column.is_null(key)) {
    null();
    return;
  }
  switch (column.type) {
    case ColumnType::boolean:
      put(column.int_value(key) != 0 ? "true" : "false");
      break;
    case ColumnType::integer:
    case ColumnType::bigint:
      integer(column.int_value(key));
      break;
    case ColumnType::float64:
      number(double_of_key(key));
      break;
    case ColumnType::date:
      date(static_cast<std::int32_t>(column.int_value(key)));
      break;
    case ColumnType::timestamp:
      text_.clear();
      json::append_timestamp(text_, column.int_value(key));
      put(text_);
      break;
    case ColumnType::varchar: {
      const std::string_view text = column.escaped.at(key);
      make_room(text.size() + 2);
      *at_++ = '"';
      at_ += text.copy(at_, text.size());
      *at_++ = '"';
      break;
    }
    case ColumnType::json:
      document(column.texts.at(key));
      break;
  }
}

std::string IndexRows::finish() {
  make_room(1);
  *at_++ = ']';
  const auto used = static_cast<std::size_t>(at_ - out_.data());
  if (out_.size() > kKeptBytes) {
    out_.resize(used);
    return std::exchange(out_, {});
  }
  std::string rows;
  rows.reserve(used + kEnvelopeBytes);
  rows.append(out_.data(), used);
  return rows;
}

}  // namespace offloader::engine
