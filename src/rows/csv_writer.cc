#include "offloader/rows/csv_writer.h"

#include <algorithm>
#include <utility>

#include "offloader/base/csv_guard.h"
#include "offloader/base/decimal.h"
#include "offloader/base/json_text.h"
#include "offloader/base/timestamp.h"
#include "offloader/base/uuid.h"
#include "page_room.h"

namespace offloader::rows {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

CsvWriter::CsvWriter(std::shared_ptr<ByteBudget> memory, bool guard)
    : out_(std::move(memory)), guard_(guard) {}

Result<void> CsvWriter::begin(const Columns& columns) {
  out_.begin(buffer_, columns.most_rows());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out_.put(',');
    write_text(columns.name(i), false);
  }
  out_.put(kLineEnd);
  return {};
}

Result<void> CsvWriter::write(const Batch& batch) {
  for (std::size_t row = 0; row < batch.rows; ++row) {
    out_.begin_row();
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
      if (i > 0) out_.put(',');
      if (!batch.columns[i].is_null(row)) write_value(batch.columns[i], row);
    }
    out_.put(kLineEnd);
    if (out_.refused()) return fail(page_refused());
  }
  return {};
}

void CsvWriter::write_value(const Column& column, std::size_t row) {
  const auto write_int = [&](std::int64_t value) {
    out_.write(json::kIntegerBytes, [value](char* at) { return json::write_int(at, value); });
  };
  switch (column.kind) {
    case Kind::boolean:
      return out_.put(std::string_view(column.at<bool>(row) ? "true" : "false"));
    case Kind::int32:
      return write_int(column.at<std::int32_t>(row));
    case Kind::int64:
      return write_int(column.at<std::int64_t>(row));
    case Kind::int128:
      return write_scratch([&](std::string& to) { json::append_int128(to, column.at<Wide>(row).number()); });
    case Kind::float64:
      return write_scratch([&](std::string& to) { json::append_double(to, column.at<double>(row)); });
    case Kind::decimal:
      return out_.write(kDecimalBytes, [&](char* at) {
        return write_decimal(at, column.at<Wide>(row).number(), column.scale);
      });
    case Kind::date:
      return write_scratch([&](std::string& to) { append_date(to, column.at<std::int32_t>(row)); });
    case Kind::timestamp:
      return write_scratch([&](std::string& to) { append_timestamp(to, column.at<std::int64_t>(row)); });
    case Kind::timestamptz:
      return write_scratch([&](std::string& to) {
        append_timestamp(to, column.at<std::int64_t>(row));
        to.push_back('Z');
      });
    case Kind::uuid: {
      const Wide words = column.at<Wide>(row);
      return out_.write(kUuidBytes, [&](char* at) {
        write_uuid(at, {words.high, words.low});
        return at + kUuidBytes;
      });
    }
    case Kind::text:
      return write_text(column.dictionary != nullptr
                            ? column.dictionary->texts.at(column.at<std::uint32_t>(row))
                            : column.at<std::string_view>(row),
                        guard_);
    case Kind::json:
      return write_text(column.at<std::string_view>(row), false);
  }
}

void CsvWriter::write_text(std::string_view text, bool guarded) {
  if (text.empty()) return out_.put(std::string_view("\"\""));
  const std::string_view before = guarded && runs_in_spreadsheets(text) ? "'" : "";
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    out_.put(before);
    return out_.put(text);
  }
  out_.put('"');
  out_.put(before);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('"'), text.size() - 1) + 1;
    out_.put(text.substr(0, end));
    if (text[end - 1] == '"') out_.put('"');
    text.remove_prefix(end);
  }
  out_.put('"');
}

Result<void> CsvWriter::finish() {
  return out_.finish(0);
}

}  // namespace offloader::rows
