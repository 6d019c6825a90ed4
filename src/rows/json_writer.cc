#include "offloader/rows/json_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "json_buffers.h"
#include "offloader/base/decimal.h"
#include "offloader/base/resize.h"
#include "offloader/base/uuid.h"
#include "page_room.h"

namespace offloader::rows {
namespace {

constexpr std::size_t kFirstBytes = 16 << 10;
constexpr std::size_t kKeptBytes = 1 << 20;  // larger buffers become the page's text and are not reused
constexpr std::size_t kEnvelopeBytes = 64;   // spare capacity of a small page

}  // namespace

JsonWriter::JsonWriter(std::shared_ptr<ByteBudget> memory) : memory_(std::move(memory)) {}

JsonWriter::~JsonWriter() {
  if (buffers_) return_json_buffers(std::move(buffers_));
}

Result<void> JsonWriter::begin(const Columns& columns) {
  if (!buffers_) buffers_ = lease_json_buffers();
  buffers_->label(columns);
  at_ = buffers_->out.data();
  end_ = at_ + buffers_->out.size();
  *at_++ = '[';
  rows_ = 0;
  limit_ = columns.most_rows();
  room_ = {};
  text_.clear();
  refused_ = false;
  totals_.reset();
  return {};
}

Result<void> JsonWriter::write(const Batch& batch) {
  for (std::size_t row = 0; row < batch.rows; ++row) {
    write_row(batch, row);
    if (refused_) return fail(page_refused());
  }
  return {};
}

void JsonWriter::write_row(const Batch& batch, std::size_t row) {
  make_room(2);
  if (rows_++ > 0) *at_++ = ',';
  *at_++ = '{';
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    const JsonBuffers::Label& label = buffers_->labels[i];
    if (label.text.size() > sizeof label.start) {
      put(label.text);
    } else {
      make_room(sizeof label.start);
      std::memcpy(at_, label.start, sizeof label.start);
      at_ += label.text.size();
    }
    if (label.as_text && !batch.columns[i].is_null(row)) {
      put("\"");
      write_value(batch.columns[i], row);
      put("\"");
    } else {
      write_value(batch.columns[i], row);
    }
  }
  make_room(1);
  *at_++ = '}';
}

void JsonWriter::write_value(const Column& column, std::size_t row) {
  if (column.is_null(row)) return put("null");
  std::string& scratch = buffers_->scratch;
  switch (column.kind) {
    case Kind::boolean:
      return put(column.at<bool>(row) ? "true" : "false");
    case Kind::int32:
      make_room(json::kIntegerBytes);
      at_ = json::write_int(at_, column.at<std::int32_t>(row));
      return;
    case Kind::int64:
      make_room(json::kIntegerBytes);
      at_ = json::write_int(at_, column.at<std::int64_t>(row));
      return;
    case Kind::int128: {
      const Int128 value = column.at<Wide>(row).number();
      if (value >= INT64_MIN && value <= INT64_MAX) {
        make_room(json::kIntegerBytes);
        at_ = json::write_int(at_, static_cast<std::int64_t>(value));
        return;
      }
      scratch.clear();
      json::append_int128(scratch, value);
      return put(scratch);
    }
    case Kind::float64:
      scratch.clear();
      json::append_double(scratch, column.at<double>(row));
      return put(scratch);
    case Kind::decimal:
      make_room(kDecimalBytes);
      at_ = write_decimal(at_, column.at<Wide>(row).number(), column.scale);
      return;
    case Kind::date:
      return write_day(column.at<std::int32_t>(row));
    case Kind::timestamp:
      scratch.clear();
      json::append_timestamp(scratch, column.at<std::int64_t>(row));
      return put(scratch);
    case Kind::timestamptz:
      scratch.clear();
      json::append_instant(scratch, column.at<std::int64_t>(row));
      return put(scratch);
    case Kind::uuid: {
      const Wide words = column.at<Wide>(row);
      make_room(kUuidBytes + 2);
      *at_++ = '"';
      write_uuid(at_, {words.high, words.low});
      at_ += kUuidBytes;
      *at_++ = '"';
      return;
    }
    case Kind::text:
      if (column.dictionary != nullptr) {
        return put_quoted(column.dictionary->escaped.at(column.at<std::uint32_t>(row)));
      }
      return write_text(column.at<std::string_view>(row));
    case Kind::json:
      return put(column.at<std::string_view>(row));
  }
}

void JsonWriter::write_text(std::string_view text) {
  if (!json::needs_escape(text)) return put_quoted(text);
  buffers_->scratch.clear();
  json::append_escaped(buffers_->scratch, text);
  put_quoted(buffers_->scratch);
}

void JsonWriter::write_day(std::int32_t days) {
  JsonBuffers::Day& day = buffers_->days[static_cast<std::uint32_t>(days) % buffers_->days.size()];
  if (day.days != days) {
    std::string& scratch = buffers_->scratch;
    scratch.clear();
    json::append_date(scratch, days);
    if (scratch.size() != sizeof day.text) return put(scratch);  // before the year 0 or after 9999
    day.days = days;
    scratch.copy(day.text, sizeof day.text);
  }
  make_room(sizeof day.text);
  std::memcpy(at_, day.text, sizeof day.text);
  at_ += sizeof day.text;
}

void JsonWriter::grow(std::size_t bytes) {
  if (refused_) return refuse(bytes);
  std::string& out = buffers_->out;
  const auto used = static_cast<std::size_t>(at_ - out.data());
  const bool large = used >= kLargePage && rows_ < limit_;
  std::size_t wanted = std::max(large ? expected_page(used, rows_, limit_) : out.size() * 2, used + bytes);
  if (memory_ && wanted > kKeptBytes) {
    if (room_.bytes() == 0) room_ = ByteHold(memory_);
    // While the page moves, its bytes exist twice.
    if (!room_.try_resize(wanted + used)) {
      // The estimate may be far too high: many pages have fewer rows than their limit.
      wanted = std::min(wanted, next_room(used, bytes));
      if (!room_.try_resize(wanted + used)) return refuse(bytes);
    }
    room_.resize(wanted);
  }
  resize_untouched(out, wanted);
  at_ = out.data() + used;
  end_ = out.data() + out.size();
}

// Gives up the page. The current row keeps writing, over the start of a small buffer, and write() fails after
// it.
void JsonWriter::refuse(std::size_t bytes) {
  refused_ = true;
  std::string& out = buffers_->out;
  if (out.size() > kKeptBytes) std::exchange(out, {});
  room_.resize(0);
  if (out.size() < std::max(bytes, kFirstBytes)) resize_untouched(out, std::max(bytes, kFirstBytes));
  at_ = out.data();
  end_ = out.data() + out.size();
}

Result<void> JsonWriter::finish() {
  make_room(1);
  if (refused_) return fail(page_refused());
  *at_++ = ']';
  std::string& out = buffers_->out;
  const auto used = static_cast<std::size_t>(at_ - out.data());
  if (out.size() > kKeptBytes) {
    out.resize(used);
    if (room_.bytes() > 0) room_.resize(used);
    text_ = std::exchange(out, {});
    resize_untouched(out, kFirstBytes);
  } else {
    text_.reserve(used + kEnvelopeBytes);
    text_.append(out.data(), used);
  }
  return_json_buffers(std::move(buffers_));
  return {};
}

Writer& JsonWriter::totals() {
  if (!totals_) totals_ = std::make_unique<JsonWriter>(memory_);
  return *totals_;
}

Page JsonWriter::take() {
  Page page{std::move(text_), std::move(room_)};
  if (totals_) {
    // The one row of an array.
    const std::string array = totals_->take().text;
    page.totals = array.substr(1, array.size() - 2);
  }
  return page;
}

}  // namespace offloader::rows
