// Opens arbitrary bytes as an index file and runs plans over it. Nothing may read out of bounds.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "offloader/index/execute.h"
#include "offloader/index/format.h"
#include "offloader/rows/json_writer.h"

namespace {

using namespace offloader;

query::Value value_of(const catalog::SizedType& type) {
  switch (type.type) {
    case catalog::ColumnType::boolean:
      return true;
    case catalog::ColumnType::integer:
    case catalog::ColumnType::bigint:
      return std::int64_t{3};
    case catalog::ColumnType::float64:
      return 0.5;
    case catalog::ColumnType::date:
      return query::Date{0};
    case catalog::ColumnType::timestamp:
    case catalog::ColumnType::timestamptz:
      return query::Timestamp{0};
    case catalog::ColumnType::decimal:
      return query::Decimal{150, type.size.scale};
    case catalog::ColumnType::uuid:
      return Uuid{0x123e4567e89b12d3, 0xa456426614174000};
    default:
      return std::string("t1");
  }
}

// A plan over all columns. Bit i of `filtered`: there is a condition on column i. Bit i of `chosen`: column i
// is ordered descending and, if `grouped`, a group column; the other columns are aggregated then.
query::Plan plan_over(std::vector<catalog::Column> schema, bool grouped, unsigned filtered, unsigned chosen) {
  auto shape = std::make_shared<query::PlanShape>();
  shape->schema = std::move(schema);
  query::Plan plan;
  for (std::size_t i = 0; i < shape->schema.size(); ++i) {
    const auto type = shape->schema[i].type;
    if (((filtered >> i) & 1U) != 0 && type != catalog::ColumnType::json) {
      // The first column is compared by eq: most requests take the path within one tenant.
      shape->conditions.push_back(
          {i, type, i == 0 ? query::Comparison::eq : static_cast<query::Comparison>((chosen + i) % 4)});
      plan.values.push_back(value_of(type));
    }
    if (grouped && type == catalog::ColumnType::json) continue;
    const std::size_t at = shape->projections.size();
    query::Projection projection{"c" + std::to_string(i), i, type, std::nullopt};
    if (grouped && ((chosen >> i) & 1U) != 0) {
      shape->group_by.push_back(at);
    } else if (grouped) {
      projection.aggregate = static_cast<catalog::Aggregate>(catalog::is_numeric(type) ? i % 5 : 2 + i % 3);
    }
    shape->projections.push_back(projection);
    shape->order.push_back({at, ((chosen >> i) & 1U) != 0});
  }
  shape->aggregated = grouped;
  plan.limit = 20;
  plan.offset = chosen % 3;
  for (std::size_t i = 0; i < shape->projections.size(); ++i) plan.columns.push_back(i);
  plan.shape = shape;
  return plan;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace offloader::index;
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("offloader-fuzz-index-" + std::to_string(::getpid()));
  std::string bytes(reinterpret_cast<const char*>(data), size);
  // Recompute the hashes, or nearly every input would be rejected before the structural checks.
  Header header{};
  if (bytes.size() >= sizeof header) {
    std::memcpy(&header, bytes.data(), sizeof header);
    header.file_bytes = bytes.size();
    if (header.directory_offset <= bytes.size() &&
        header.directory_bytes <= bytes.size() - header.directory_offset) {
      header.directory_hash = hash_of(bytes.data() + header.directory_offset, header.directory_bytes);
    }
    header.header_hash = hash_of(&header, offsetof(Header, header_hash));
    std::memcpy(bytes.data(), &header, sizeof header);
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  const auto first = Reader::open(path, {}, Reader::Verify::structure);
  if (!first) return 0;
  std::vector<catalog::Column> schema;
  for (const Column& column : (*first)->columns()) schema.push_back({column.name, column.type});
  const auto reader = Reader::open(path, schema, Reader::Verify::structure);
  if (!reader || (*reader)->rows() > 1'000'000 || schema.size() > 32) return 0;
  for (const bool grouped : {false, true}) {
    for (const auto& [filtered, chosen] :
         {std::pair{0U, 1U}, std::pair{0U, 2U}, std::pair{1U, 0U}, std::pair{1U, 2U}, std::pair{1U, 6U},
          std::pair{3U, 0U}, std::pair{3U, 2U}, std::pair{3U, 9U}, std::pair{~2U, 0x55U}}) {
      const auto plan = plan_over(schema, grouped, filtered, chosen);
      const Lookup lookup = look_up(plan, **reader);
      if (!lookup.supported) continue;
      rows::JsonWriter writer;
      (void)execute(plan, **reader, lookup, writer);
    }
  }
  return 0;
}
