#include "offloader/rows/json_writer.h"

#include <utility>

#include "json_buffers.h"
#include "offloader/base/decimal.h"
#include "offloader/base/uuid.h"
#include "page_room.h"

namespace offloader::rows {
namespace {

constexpr std::size_t kEnvelopeBytes = 64;  // spare capacity of a small page

}  // namespace

JsonWriter::JsonWriter(std::shared_ptr<ByteBudget> memory, Layout layout)
    : out_(memory), lines_(layout == Layout::lines), memory_(std::move(memory)) {}

JsonWriter::~JsonWriter() {
  if (buffers_) return_json_buffers(std::move(buffers_));
}

Result<void> JsonWriter::begin(const Columns& columns) {
  if (!buffers_) buffers_ = lease_json_buffers();
  buffers_->label(columns);
  out_.begin(buffers_->out, columns.most_rows());
  if (!lines_) out_.put('[');
  totals_.reset();
  return {};
}

Result<void> JsonWriter::write(const Batch& batch) {
  for (std::size_t row = 0; row < batch.rows; ++row) {
    write_row(batch, row);
    if (out_.refused()) return fail(page_refused());
  }
  return {};
}

void JsonWriter::write_row(const Batch& batch, std::size_t row) {
  const bool first = out_.begin_row();
  if (!first && !lines_) out_.put(',');
  out_.put('{');
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    const JsonBuffers::Label& label = buffers_->labels[i];
    if (label.text.size() > sizeof label.start) {
      out_.put(label.text);
    } else {
      out_.put(label.start, label.text.size());
    }
    if (label.as_text && !batch.columns[i].is_null(row)) {
      out_.put('"');
      write_value(batch.columns[i], row);
      out_.put('"');
    } else {
      write_value(batch.columns[i], row);
    }
  }
  out_.put('}');
  if (lines_) out_.put('\n');
}

void JsonWriter::write_value(const Column& column, std::size_t row) {
  if (column.is_null(row)) return out_.put("null");
  std::string& scratch = buffers_->scratch;
  switch (column.kind) {
    case Kind::boolean:
      return out_.put(std::string_view(column.at<bool>(row) ? "true" : "false"));
    case Kind::int32:
      return write_int(column.at<std::int32_t>(row));
    case Kind::int64:
      return write_int(column.at<std::int64_t>(row));
    case Kind::int128: {
      const Int128 value = column.at<Wide>(row).number();
      if (value >= INT64_MIN && value <= INT64_MAX) return write_int(static_cast<std::int64_t>(value));
      scratch.clear();
      json::append_int128(scratch, value);
      return out_.put(scratch);
    }
    case Kind::float64:
      scratch.clear();
      json::append_double(scratch, column.at<double>(row));
      return out_.put(scratch);
    case Kind::decimal:
      return out_.write(kDecimalBytes, [&](char* at) {
        return write_decimal(at, column.at<Wide>(row).number(), column.scale);
      });
    case Kind::date:
      return write_day(column.at<std::int32_t>(row));
    case Kind::timestamp:
      scratch.clear();
      json::append_timestamp(scratch, column.at<std::int64_t>(row));
      return out_.put(scratch);
    case Kind::timestamptz:
      scratch.clear();
      json::append_instant(scratch, column.at<std::int64_t>(row));
      return out_.put(scratch);
    case Kind::uuid: {
      const Wide words = column.at<Wide>(row);
      return out_.write(kUuidBytes + 2, [&](char* at) {
        *at++ = '"';
        write_uuid(at, {words.high, words.low});
        at += kUuidBytes;
        *at++ = '"';
        return at;
      });
    }
    case Kind::text:
      if (column.dictionary != nullptr) {
        return out_.put_quoted(column.dictionary->escaped.at(column.at<std::uint32_t>(row)));
      }
      return write_text(column.at<std::string_view>(row));
    case Kind::json:
      return out_.put(column.at<std::string_view>(row));
  }
}

void JsonWriter::write_int(std::int64_t value) {
  out_.write(json::kIntegerBytes, [value](char* at) { return json::write_int(at, value); });
}

void JsonWriter::write_text(std::string_view text) {
  if (!json::needs_escape(text)) return out_.put_quoted(text);
  buffers_->scratch.clear();
  json::append_escaped(buffers_->scratch, text);
  out_.put_quoted(buffers_->scratch);
}

void JsonWriter::write_day(std::int32_t days) {
  JsonBuffers::Day& day = buffers_->days[static_cast<std::uint32_t>(days) % buffers_->days.size()];
  if (day.days != days) {
    std::string& scratch = buffers_->scratch;
    scratch.clear();
    json::append_date(scratch, days);
    if (scratch.size() != sizeof day.text) return out_.put(scratch);  // before the year 0 or after 9999
    day.days = days;
    scratch.copy(day.text, sizeof day.text);
  }
  out_.put(day.text, sizeof day.text);
}

Result<std::string> JsonWriter::drain() {
  constexpr std::string_view kEnd = "}\n";
  return out_.drain(kEnd.size());
}

Result<void> JsonWriter::finish() {
  if (!lines_) out_.put(']');
  if (auto finished = out_.finish(lines_ ? 0 : kEnvelopeBytes); !finished) return finished;
  return_json_buffers(std::move(buffers_));
  return {};
}

Writer& JsonWriter::totals() {
  if (!totals_) totals_ = std::make_unique<JsonWriter>(memory_);
  return *totals_;
}

Page JsonWriter::take() {
  Page page = out_.take();
  if (totals_) {
    // The one row of an array.
    const std::string array = totals_->take().text;
    page.totals = array.substr(1, array.size() - 2);
  }
  return page;
}

}  // namespace offloader::rows
