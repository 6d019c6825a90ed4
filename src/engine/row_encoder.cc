#include "row_encoder.h"

#include <algorithm>

#include "duckdb_reads.h"
#include "offloader/base/json_text.h"
#include "page_room.h"

namespace offloader::engine {
namespace {

struct Cell {
  duckdb_type type;
  void* data;
  std::uint64_t* validity;
  bool json;
};

template <typename T>
T at(const Cell& cell, idx_t row) {
  return static_cast<T*>(cell.data)[row];
}

bool append_value(std::string& out, const Cell& cell, idx_t row) {
  if (cell.validity != nullptr && !duckdb_validity_row_is_valid(cell.validity, row)) {
    out += "null";
    return true;
  }
  switch (cell.type) {
    case DUCKDB_TYPE_BOOLEAN:
      json::append_bool(out, at<bool>(cell, row));
      return true;
    case DUCKDB_TYPE_INTEGER:
      json::append_int(out, at<std::int32_t>(cell, row));
      return true;
    case DUCKDB_TYPE_BIGINT:
      json::append_int(out, at<std::int64_t>(cell, row));
      return true;
    case DUCKDB_TYPE_HUGEINT: {
      const auto value = at<duckdb_hugeint>(cell, row);
      json::append_int128(
          out, static_cast<Int128>((static_cast<Uint128>(static_cast<std::uint64_t>(value.upper)) << 64) |
                                   value.lower));
      return true;
    }
    case DUCKDB_TYPE_DOUBLE:
      json::append_double(out, at<double>(cell, row));
      return true;
    case DUCKDB_TYPE_DATE:
      // Refused on load; a remote file may still hold one, and no date is its JSON.
      if (!duckdb_is_finite_date(at<duckdb_date>(cell, row))) return false;
      json::append_date(out, at<duckdb_date>(cell, row).days);
      return true;
    case DUCKDB_TYPE_TIMESTAMP:
      if (!duckdb_is_finite_timestamp(at<duckdb_timestamp>(cell, row))) return false;
      json::append_timestamp(out, at<duckdb_timestamp>(cell, row).micros);
      return true;
    case DUCKDB_TYPE_VARCHAR: {
      auto* strings = static_cast<duckdb_string_t*>(cell.data);
      const std::string_view text(duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row]));
      if (cell.json) {
        out += text;
      } else {
        json::append_string(out, text);
      }
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

RowEncoder::RowEncoder(const query::Plan& plan, std::shared_ptr<ByteBudget> memory)
    : plan_(plan), room_(std::move(memory)) {
  for (const auto index : plan.columns) {
    std::string key = keys_.empty() ? "" : ",";
    json::append_string(key, plan.shape->projections[index].as);
    keys_.push_back(key + ":");
  }
}

Result<void> RowEncoder::append(duckdb_data_chunk chunk) {
  std::vector<Cell> cells;
  cells.reserve(keys_.size());
  for (const auto index : plan_.columns) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, index);
    duckdb_logical_type type = duckdb_vector_get_column_type(vector);
    const auto& projection = plan_.shape->projections[index];
    const bool json = projection.type == catalog::ColumnType::json && !projection.aggregate;
    cells.push_back(
        {duckdb_get_type_id(type), duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector), json});
    duckdb_destroy_logical_type(&type);
  }
  const DuckdbReads reads;
  const idx_t count = duckdb_data_chunk_get_size(chunk);
  const std::size_t before = out_.size();
  for (idx_t row = 0; row < count; ++row) {
    if (rows_ == plan_.limit) {
      has_more_ = true;
      return {};
    }
    out_ += rows_ == 0 ? "{" : ",{";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out_ += keys_[i];
      if (!append_value(out_, cells[i], row)) {
        return fail(ErrorCode::internal, "The engine failed.", "a result value that has no JSON");
      }
    }
    out_ += '}';
    ++rows_;
    if (out_.size() > room_.bytes() && !room_.try_resize(counted())) return fail(page_refused());
  }
  return make_room(out_.size() - before);
}

// In steps, so that not every row counts. Room that was never touched takes no memory.
std::size_t RowEncoder::counted() const {
  return std::max(out_.size() + out_.size() / 8, ByteBudget::kSmall);
}

Result<void> RowEncoder::make_room(std::size_t chunk) {
  if (out_.size() < kLargePage || out_.capacity() - out_.size() > chunk + chunk / 4 || rows_ >= plan_.limit)
    return {};
  std::size_t room = expected_page(out_.size(), rows_, plan_.limit);
  // While the page moves, its bytes are there twice.
  if (!room_.try_resize(room + out_.size())) {
    // The guess may be far above what comes: many a page has fewer rows than its limit.
    room = std::min(room, next_room(out_.size(), chunk + chunk / 4));
    if (!room_.try_resize(room + out_.size())) return fail(page_refused());
  }
  out_.reserve(room);
  room_.resize(room);
  return {};
}

std::string RowEncoder::finish() && {
  out_ += ']';
  return std::move(out_);
}

}  // namespace offloader::engine
