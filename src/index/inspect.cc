#include "offloader/index/inspect.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "offloader/index/reader.h"

namespace offloader::index {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t bytes_of(const Reader& reader, std::size_t ordinal) {
  std::uint64_t bytes = 0;
  for (const SectionEntry& section : reader.sections())
    bytes += section.column == ordinal ? section.bytes : 0;
  return bytes;
}

Json describe(const Reader& reader) {
  Json out;
  out["version"] = reader.header().version;
  out["rows"] = reader.rows();
  out["bytes"] = reader.header().file_bytes;
  out["snapshot_fingerprint"] = reader.snapshot();
  out["tenant_column"] = reader.header().tenant_column < reader.columns().size()
                             ? Json(reader.columns()[reader.header().tenant_column].name)
                             : Json(nullptr);
  out["sorted_by"] = Json::array();
  for (const Column* column : reader.sort_columns()) out["sorted_by"].push_back(column->name);
  out["runs"] = reader.runs() != nullptr ? Json(reader.runs()->count) : Json(nullptr);
  out["columns"] = Json::array();
  for (std::size_t i = 0; i < reader.columns().size(); ++i) {
    const Column& column = reader.columns()[i];
    Json entry;
    entry["name"] = column.name;
    entry["type"] = catalog::name_of(column.type);
    entry["width"] = column.width;
    entry["nulls"] = column.nulls;
    if (column.type == catalog::ColumnType::varchar || column.type == catalog::ColumnType::uuid)
      entry["distinct"] = column.entries;
    if (column.directory_keys != nullptr) entry["directory"] = column.directory_count;
    entry["bytes"] = bytes_of(reader, i);
    out["columns"].push_back(std::move(entry));
  }
  return out;
}

std::string as_text(const Json& described) {
  std::string out =
      fmt::format("version {}  rows {}  bytes {}\n", described["version"].get<std::uint32_t>(),
                  described["rows"].get<std::uint64_t>(), described["bytes"].get<std::uint64_t>());
  std::string sorted;
  for (const Json& name : described["sorted_by"])
    sorted += (sorted.empty() ? "" : ", ") + name.get<std::string>();
  const Json& tenant = described["tenant_column"];
  const Json& runs = described["runs"];
  const std::string& snapshot = described["snapshot_fingerprint"].get_ref<const std::string&>();
  fmt::format_to(std::back_inserter(out), "snapshot fingerprint {}\n", snapshot.empty() ? "-" : snapshot);
  fmt::format_to(std::back_inserter(out), "tenant {}  sorted by {}  runs {}\n\n",
                 tenant.is_null() ? "-" : tenant.get<std::string>(), sorted.empty() ? "-" : sorted,
                 runs.is_null() ? "-" : runs.dump());
  fmt::format_to(std::back_inserter(out), "{:<32} {:<13} {:>5} {:>12} {:>12} {:>14}\n", "column", "type",
                 "width", "nulls", "distinct", "bytes");
  for (const Json& column : described["columns"]) {
    const std::string distinct = column.contains("distinct") ? column["distinct"].dump() : "-";
    fmt::format_to(std::back_inserter(out), "{:<32} {:<13} {:>5} {:>12} {:>12} {:>14}\n",
                   column["name"].get<std::string>(), column["type"].get<std::string>(),
                   column["width"].get<unsigned>(), column["nulls"].get<std::uint64_t>(), distinct,
                   column["bytes"].get<std::uint64_t>());
  }
  return out;
}

}  // namespace

Result<std::string> inspect_index(const std::filesystem::path& path, InspectFormat format) {
  const auto reader = Reader::open(path, {});
  if (!reader) return fail(reader.error());
  const Json described = describe(**reader);
  return format == InspectFormat::json ? described.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                                       : as_text(described);
}

}  // namespace offloader::index
