#include "fingerprint.h"

#include <algorithm>

#include "canonical_writer.h"
#include "offloader/base/crypto.h"

namespace offloader::query {
namespace {

template <typename T>
void write_optional(CanonicalWriter& out, const std::optional<T>& value) {
  out.tag(value ? '1' : '0');
  if (!value) return;
  if constexpr (std::is_same_v<T, std::string>) {
    out.text(*value);
  } else if constexpr (std::is_enum_v<T>) {
    out.number(number_of(*value));
  } else {
    out.number(static_cast<std::uint64_t>(*value));
  }
}

// For lists whose order does not matter to a request.
template <typename T>
std::vector<T> sorted(std::vector<T> items) {
  std::sort(items.begin(), items.end());
  return items;
}

void write_param(CanonicalWriter& out, const catalog::Param& param) {
  out.text(param.name);
  out.number(number_of(param.type));
  out.tag(param.required ? '1' : '0');
  write_optional(out, param.default_value);
  write_optional(out, param.max);
  out.number(param.enum_values.size());
  for (const std::string& value : sorted(param.enum_values)) out.text(value);
  out.number(param.aliases.size());
  for (const auto& [alias, value] : param.aliases) {
    out.text(alias);
    out.text(value);
  }
}

void write_dataset(CanonicalWriter& out, const catalog::Dataset& dataset) {
  out.text(dataset.id);
  out.number(dataset.schema.size());
  for (const catalog::Column& column : dataset.schema) {
    out.text(column.name);
    out.number(number_of(column.type));
    if (column.type != catalog::ColumnType::decimal) continue;
    out.number(column.type.size.precision);
    out.number(column.type.size.scale);
  }
  write_optional(out, dataset.tenant_column);
}

void write_query(CanonicalWriter& out, const catalog::Endpoint& endpoint) {
  out.number(endpoint.select.size());
  for (const catalog::Select& select : endpoint.select) {
    out.text(select.as);
    out.number(select.column);
    write_optional(out, select.aggregate);
  }
  out.number(endpoint.filters.size());
  for (const catalog::Filter& filter : endpoint.filters) {
    out.number(filter.column);
    out.number(number_of(filter.op));
    out.number(filter.param);
  }
  out.number(endpoint.group_by.size());
  for (const std::size_t column : endpoint.group_by) out.number(column);
  out.number(endpoint.order_by.size());
  for (const catalog::OrderBy& key : endpoint.order_by) {
    out.number(key.select);
    out.tag(key.descending ? '1' : '0');
  }
}

// What a param may have since a later version. Written only for params that have it, so that the
// fingerprints of other contracts stay the same.
bool has_later_parts(const catalog::Param& param) {
  return param.min || param.lower || param.upper || param.max_length || param.list_max ||
         param.default_list || param.relative_default;
}

void write_later_parts(CanonicalWriter& out, const catalog::Param& param) {
  write_optional(out, param.min);
  write_optional(out, param.lower);
  write_optional(out, param.upper);
  write_optional(out, param.max_length);
  write_optional(out, param.list_max);
  out.tag(param.default_list ? '1' : '0');
  if (param.default_list) {
    out.number(param.default_list->size());
    for (const std::string& value : sorted(*param.default_list)) out.text(value);
  }
  out.tag(param.relative_default ? '1' : '0');
  if (param.relative_default) {
    out.number(static_cast<std::uint64_t>(param.relative_default->base));
    out.number(static_cast<std::uint64_t>(param.relative_default->unit));
    out.signed_number(param.relative_default->amount);
  }
}

// The same for filters.
bool has_later_parts(const catalog::Filter& filter) {
  return !filter.has_param() || filter.include_nulls || filter.any != 0;
}

void write_later_parts(CanonicalWriter& out, const catalog::Filter& filter) {
  out.number(filter.constants.size());
  for (const std::string& value : filter.constants) out.text(value);
  out.number(number_of(filter.constant_type));
  out.tag(filter.include_nulls ? '1' : '0');
  out.number(filter.any);
}

void write_filter(CanonicalWriter& out, const catalog::Filter& filter) {
  out.number(filter.column);
  out.number(number_of(filter.op));
  out.number(filter.param);
  write_later_parts(out, filter);
}

// The same for selects. Descriptions change no answer.
bool has_later_parts(const catalog::Select& select) {
  return select.measure.any() || select.expression || select.as_text;
}

void write_later_parts(CanonicalWriter& out, const catalog::Select& select) {
  const catalog::Measure& measure = select.measure;
  out.tag(measure.rows ? '1' : '0');
  out.text(measure.quantile);
  out.tag(measure.discrete ? '1' : '0');
  write_optional(out, measure.by);
  out.number(measure.where.size());
  for (const catalog::Filter& filter : measure.where) write_filter(out, filter);
  out.number(select.expression ? select.expression->steps.size() : 0);
  if (select.expression) {
    for (const catalog::ExpressionStep& step : select.expression->steps) {
      out.number(static_cast<std::uint64_t>(step.kind));
      out.number(step.select);
      out.text(step.number);
    }
  }
  out.tag(select.as_text ? '1' : '0');
}

template <typename Part>
void write_trailer(CanonicalWriter& out, std::string_view name, const std::vector<Part>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!has_later_parts(parts[i])) continue;
    out.text(name);
    out.number(i);
    write_later_parts(out, parts[i]);
  }
}

void write_indices(CanonicalWriter& out, const std::vector<std::size_t>& indices) {
  out.number(indices.size());
  for (const std::size_t index : indices) out.number(index);
}

// The same for what the caller may choose, and for `top`. The words are part of fingerprints.
void write_choices(CanonicalWriter& out, const catalog::Endpoint& endpoint) {
  if (endpoint.group_choice) {
    out.text("group choice");
    write_indices(out, sorted(endpoint.group_choice->among));
    write_optional(out, endpoint.group_choice->most);
  }
  if (!endpoint.sortable.empty()) {
    out.text("sortable");
    write_indices(out, sorted(endpoint.sortable));
  }
  if (endpoint.totals.any()) {
    out.text("totals");
    out.tag(endpoint.totals.rows ? '1' : '0');
    out.tag(endpoint.totals.grand ? '1' : '0');
  }
  if (endpoint.top) {
    out.text("top");
    write_indices(out, sorted(endpoint.top->per));
    out.number(endpoint.top->by);
    out.signed_number(endpoint.top->limit);
  }
  if (endpoint.max_offset) {
    out.text("max offset");
    out.signed_number(*endpoint.max_offset);
  }
}

// Contracts without a bucket keep their fingerprints.
void write_buckets(CanonicalWriter& out, const catalog::Endpoint& endpoint) {
  for (std::size_t i = 0; i < endpoint.select.size(); ++i) {
    if (!endpoint.select[i].bucket) continue;
    const catalog::Bucket& bucket = *endpoint.select[i].bucket;
    out.text("bucket");
    out.number(i);
    out.number(number_of(bucket.grain));
    write_optional(out, bucket.grain_param);
    out.text(bucket.zone);
    write_optional(out, bucket.zone_param);
    out.number(static_cast<std::uint64_t>(bucket.week_start));
    out.number(static_cast<std::uint64_t>(bucket.fill));
    out.tag(bucket.hourly ? '1' : '0');
  }
}

}  // namespace

std::string contract_fingerprint(const catalog::Endpoint& endpoint, const catalog::Dataset& dataset) {
  std::string bytes;
  CanonicalWriter out(bytes);
  out.text("offloader contract 1");
  write_dataset(out, dataset);
  out.text(endpoint.name);
  out.signed_number(endpoint.version);
  out.number(number_of(endpoint.serving_mode));
  out.tag(endpoint.tenant_scoped ? '1' : '0');
  out.number(endpoint.params.size());
  for (const catalog::Param& param : endpoint.params) write_param(out, param);
  out.number(endpoint.combinations.size());
  for (const auto& combination : sorted(endpoint.combinations)) {
    out.number(combination.size());
    for (const std::size_t param : combination) out.number(param);
  }
  write_query(out, endpoint);
  out.signed_number(endpoint.default_limit);
  out.signed_number(endpoint.max_limit);
  write_trailer(out, "param", endpoint.params);
  write_trailer(out, "filter", endpoint.filters);
  write_choices(out, endpoint);
  write_trailer(out, "select", endpoint.select);
  write_buckets(out, endpoint);
  for (const catalog::Filter& filter : endpoint.having) {
    out.text("having");
    write_filter(out, filter);
  }
  if (endpoint.pages_by_cursor()) {
    out.text("cursor");
    out.tag(endpoint.cursor == catalog::CursorPaging::strict ? 's' : '1');
  }
  if (endpoint.offers_formats()) {
    out.text("formats");
    for (const catalog::Format format : endpoint.formats) out.text(row_of(format).name);
  }
  if (endpoint.csv_guard) out.text("csv guard");
  if (endpoint.exports) {
    out.text("export");
    out.signed_number(endpoint.exports->max_rows);
  }
  const Sha256 hash = sha256(bytes);
  return {hash.begin(), hash.end()};
}

}  // namespace offloader::query
