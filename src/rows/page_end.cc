#include "offloader/rows/page_end.h"

#include <algorithm>
#include <utility>

#include "offloader/base/uuid.h"

namespace offloader::rows {
namespace {

using catalog::ColumnType;
using query::Value;

std::string_view text_at(const Column& column, std::size_t row) {
  return column.dictionary != nullptr ? column.dictionary->texts.at(column.at<std::uint32_t>(row))
                                      : column.at<std::string_view>(row);
}

Value value_at(const Column& column, std::size_t row, catalog::SizedType type) {
  if (column.is_null(row)) return query::Nothing{};
  switch (column.kind) {
    case Kind::boolean:
      return column.at<bool>(row);
    case Kind::int32:
      return std::int64_t{column.at<std::int32_t>(row)};
    case Kind::int64:
      return column.at<std::int64_t>(row);
    case Kind::int128:
      return query::Decimal{column.at<Wide>(row).number(), 0};
    case Kind::decimal:
      return query::Decimal{column.at<Wide>(row).number(), column.scale};
    case Kind::float64: {
      const double number = column.at<double>(row);
      return number == 0 ? 0.0 : number;  // -0 is the same key
    }
    case Kind::date:
      return query::Date{column.at<std::int32_t>(row)};
    case Kind::timestamp:
    case Kind::timestamptz:
      return query::Timestamp{column.at<std::int64_t>(row)};
    case Kind::text:
      if (type == ColumnType::uuid) {
        if (const auto uuid = parse_uuid(text_at(column, row))) return *uuid;
      }
      return std::string(text_at(column, row));
    case Kind::uuid: {
      const Wide words = column.at<Wide>(row);
      return Uuid{words.high, words.low};
    }
    case Kind::json:
      return std::string(text_at(column, row));
  }
  return query::Nothing{};
}

// Whether two rows of a column are alike.
bool alike(const Column& column, std::size_t a, std::size_t b) {
  if (column.is_null(a) || column.is_null(b)) return column.is_null(a) == column.is_null(b);
  switch (column.kind) {
    case Kind::boolean:
      return column.at<bool>(a) == column.at<bool>(b);
    case Kind::int32:
    case Kind::date:
      return column.at<std::int32_t>(a) == column.at<std::int32_t>(b);
    case Kind::int64:
    case Kind::timestamp:
    case Kind::timestamptz:
      return column.at<std::int64_t>(a) == column.at<std::int64_t>(b);
    case Kind::int128:
    case Kind::decimal:
    case Kind::uuid:
      return column.at<Wide>(a) == column.at<Wide>(b);
    case Kind::float64: {
      const double x = column.at<double>(a);
      const double y = column.at<double>(b);
      return x == y || (x != x && y != y);
    }
    case Kind::text:
    case Kind::json:
      return text_at(column, a) == text_at(column, b);
  }
  return false;
}

}  // namespace

query::Plan plan_of_keys(const query::Plan& plan) {
  query::Plan keys;
  keys.shape = plan.shape;
  keys.limit = plan.limit;
  for (const query::OrderKey& key : plan.shape->order) keys.columns.push_back(key.projection);
  return keys;
}

Result<void> PageEndWriter::begin(const Columns& columns) {
  types_.clear();
  for (std::size_t i = 0; i < columns.size(); ++i)
    types_.push_back(query::result_type(columns.projection(i)));
  end_ = {};
  end_.alike.assign(types_.size() + 1, 0);
  return {};
}

Result<void> PageEndWriter::write(const Batch& batch) {
  if (batch.rows == 0) return {};
  const std::size_t last = batch.rows - 1;
  std::vector<Value> keys;
  for (std::size_t c = 0; c < types_.size(); ++c) keys.push_back(value_at(batch.columns[c], last, types_[c]));
  const auto rows = static_cast<std::int64_t>(batch.rows);
  // From one row to the one before it, fewer and fewer keys are alike.
  std::vector<std::int64_t> alike_here(types_.size() + 1, 1);
  alike_here[0] = rows;
  std::size_t common = types_.size();
  for (std::size_t row = last; row-- > 0 && common > 0;) {
    for (std::size_t c = 0; c < common; ++c) {
      if (!alike(batch.columns[c], row, last)) common = c;
    }
    for (std::size_t k = 1; k <= common; ++k) ++alike_here[k];
  }
  const auto differs =
      std::mismatch(keys.begin(), keys.end(), end_.keys.begin(), end_.keys.end(), query::same_key);
  const auto before = static_cast<std::size_t>(differs.first - keys.begin());
  for (std::size_t k = 0; k <= types_.size(); ++k) {
    if (k > before || alike_here[k] < rows) continue;
    alike_here[k] += end_.alike[k];
  }
  end_ = {.keys = std::move(keys), .alike = std::move(alike_here)};
  return {};
}

}  // namespace offloader::rows
