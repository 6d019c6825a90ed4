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
  const Sha256 hash = sha256(bytes);
  return {hash.begin(), hash.end()};
}

}  // namespace offloader::query
