#include "index_rows.h"

#include <algorithm>
#include <utility>

#include "offloader/base/resize.h"
#include "page_room.h"

namespace offloader::engine {
namespace {

using catalog::ColumnType;

constexpr std::size_t kFirstBytes = 16 << 10;
constexpr std::size_t kKeptBytes = 1 << 20;
constexpr std::size_t kEnvelopeBytes = 64;

}  // namespace

IndexRows::Buffers::Buffers() {
  for (std::size_t i = 0; i < days.size(); ++i)
    days[i].days = static_cast<std::int32_t>(i) + 1;  // not its place
}

IndexRows::Buffers& IndexRows::buffers() {
  thread_local Buffers mine;
  return mine;
}

IndexRows::IndexRows(const query::Plan& plan, ByteBudget* memory)
    : buffers_(buffers()), limit_(plan.limit), memory_(memory) {
  std::string& out = buffers_.out;
  if (out.size() < kFirstBytes) resize_untouched(out, kFirstBytes);
  at_ = out.data();
  end_ = at_ + out.size();
  *at_++ = '[';
  // A thread is asked for the same few shapes again and again. One that was not compiled has no number.
  const std::uint64_t shape = plan.shape->id;
  if (shape == 0 || shape != buffers_.labelled_shape || plan.columns != buffers_.labelled_columns)
    label(plan);
}

void IndexRows::label(const query::Plan& plan) {
  buffers_.labelled_shape = 0;
  buffers_.labels.resize(plan.columns.size());
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    Label& label = buffers_.labels[i];
    label.text.clear();
    if (i > 0) label.text.push_back(',');
    json::append_string(label.text, plan.shape->projections[plan.columns[i]].as);
    label.text.push_back(':');
    label.text.copy(label.start, sizeof label.start);
  }
  buffers_.labelled_columns = plan.columns;
  buffers_.labelled_shape = plan.shape->id;
}

void IndexRows::grow(std::size_t bytes) {
  std::string& out = buffers_.out;
  const auto used = static_cast<std::size_t>(at_ - out.data());
  const bool large = used >= kLargePage && rows_ < limit_;
  std::size_t wanted = std::max(large ? expected_page(used, rows_, limit_) : out.size() * 2, used + bytes);
  if (memory_ != nullptr && wanted > kKeptBytes && !refused_) {
    if (room_.bytes() == 0) room_ = ByteHold(memory_->shared_from_this());
    // While the page moves, its bytes are there twice.
    if (!room_.try_resize(wanted + used)) {
      // The guess may be far above what comes: many a page has fewer rows than its limit.
      wanted = std::min(wanted, next_room(used, bytes));
      refused_ = !room_.try_resize(wanted + used);
    }
    if (!refused_) room_.resize(wanted);
  }
  if (refused_) {
    // The row that is being written goes on over what there is; its caller looks at refused() after it.
    if (out.size() > kKeptBytes) std::exchange(out, {});
    room_.resize(0);
    if (out.size() < std::max(bytes, kFirstBytes)) resize_untouched(out, std::max(bytes, kFirstBytes));
    at_ = out.data();
    end_ = out.data() + out.size();
    return;
  }
  resize_untouched(out, wanted);
  at_ = out.data() + used;
  end_ = out.data() + out.size();
}

void IndexRows::date(std::int32_t days) {
  Day& day = buffers_.days[static_cast<std::uint32_t>(days) % buffers_.days.size()];
  if (day.days != days) {
    std::string& text = buffers_.text;
    text.clear();
    json::append_date(text, days);
    if (text.size() != sizeof day.text) return put(text);  // before the year 0 or after 9999
    day.days = days;
    text.copy(day.text, sizeof day.text);
  }
  put({day.text, sizeof day.text});
}

void IndexRows::wide(Int128 value) {
  if (value >= INT64_MIN && value <= INT64_MAX) {
    integer(static_cast<std::int64_t>(value));
    return;
  }
  buffers_.text.clear();
  json::append_int128(buffers_.text, value);
  put(buffers_.text);
}

void IndexRows::number(double value) {
  buffers_.text.clear();
  json::append_double(buffers_.text, value);
  put(buffers_.text);
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
      buffers_.text.clear();
      json::append_timestamp(buffers_.text, column.int_value(key));
      put(buffers_.text);
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
  std::string& out = buffers_.out;
  const auto used = static_cast<std::size_t>(at_ - out.data());
  if (out.size() > kKeptBytes) {
    out.resize(used);
    if (room_.bytes() > 0) room_.resize(used);
    return std::exchange(out, {});
  }
  std::string rows;
  rows.reserve(used + kEnvelopeBytes);
  rows.append(out.data(), used);
  return rows;
}

}  // namespace offloader::engine
