#include <nlohmann/json.hpp>

#include "offloader/base/crypto.h"
#include "offloader/base/identifier.h"
#include "offloader/base/url_text.h"
#include "offloader/snapshot_cache/cache_folder.h"

namespace offloader::snapshot_cache {
namespace {

constexpr int kRecordFormat = 4;

// The checksum of the record itself, so that a flipped bit in it is detected.
std::string seal(const nlohmann::json& body) {
  return to_hex(sha256(body.dump())).substr(0, 32);
}

std::optional<manifest::FileFormat> file_format_numbered(std::int64_t number) {
  for (const auto format : {manifest::FileFormat::csv, manifest::FileFormat::parquet}) {
    if (static_cast<std::int64_t>(format) == number) return format;
  }
  return std::nullopt;
}

std::optional<std::int64_t> number_in(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  return found->get<std::int64_t>();
}

}  // namespace

std::string to_json(const SnapshotRecord& record) {
  nlohmann::json schema = nlohmann::json::array();
  for (const catalog::Column& column : record.schema) {
    nlohmann::json entry = {{"name", column.name}, {"type", catalog::number_of(column.type)}};
    if (column.type == catalog::ColumnType::decimal) {
      entry["precision"] = column.type.size.precision;
      entry["scale"] = column.type.size.scale;
    }
    schema.push_back(std::move(entry));
  }
  nlohmann::json files = nlohmann::json::array();
  for (const manifest::DataFile& file : record.files) {
    // Drop the query of a presigned URL: it is a credential, and would have expired when read again.
    nlohmann::json entry{{"path", without_query(file.path)}, {"format", static_cast<int>(file.format)}};
    if (file.row_count) entry["rows"] = *file.row_count;
    if (file.size_bytes) entry["bytes"] = *file.size_bytes;
    files.push_back(std::move(entry));
  }
  nlohmann::json body{{"format", kRecordFormat},
                      {"snapshot_id", record.snapshot_id},
                      {"build", record.build},
                      {"tag", record.tag},
                      {"watermark", record.watermark},
                      {"created_at", record.created_at},
                      {"data_quality", record.data_quality},
                      {"schema", std::move(schema)},
                      {"files", std::move(files)},
                      {"executor", record.executor},
                      {"handle", record.handle},
                      {"remote_fingerprint", record.remote_fingerprint},
                      {"rows", record.rows},
                      {"bytes", record.bytes},
                      {"fingerprint", record.fingerprint},
                      {"checksum", record.checksum},
                      {"layout", record.layout},
                      {"contract", record.contract},
                      {"activated_micros", record.activated_micros}};
  if (record.declared_rows) body["declared_rows"] = *record.declared_rows;
  std::string sum = seal(body);
  return nlohmann::json{{"record", std::move(body)}, {"checksum", std::move(sum)}}.dump(1);
}

std::optional<SnapshotRecord> parse_record(std::string_view json) {
  try {
    const nlohmann::json whole = nlohmann::json::parse(json);
    const nlohmann::json& body = whole.at("record");
    if (whole.at("checksum").get<std::string>() != seal(body)) return std::nullopt;
    if (body.at("format").get<int>() != kRecordFormat) return std::nullopt;
    SnapshotRecord record;
    body.at("snapshot_id").get_to(record.snapshot_id);
    body.at("build").get_to(record.build);
    body.at("tag").get_to(record.tag);
    body.at("watermark").get_to(record.watermark);
    body.at("created_at").get_to(record.created_at);
    body.at("data_quality").get_to(record.data_quality);
    for (const nlohmann::json& column : body.at("schema")) {
      const auto type = catalog::column_type_of(column.at("type").get<std::uint64_t>(),
                                                column.value("precision", std::uint64_t{0}),
                                                column.value("scale", std::uint64_t{0}));
      if (!type) return std::nullopt;
      record.schema.push_back({.name = column.at("name").get<std::string>(), .type = *type});
    }
    for (const nlohmann::json& entry : body.at("files")) {
      const auto format = file_format_numbered(entry.at("format").get<std::int64_t>());
      if (!format) return std::nullopt;
      record.files.push_back({.path = entry.at("path").get<std::string>(),
                              .format = *format,
                              .row_count = number_in(entry, "rows"),
                              .size_bytes = number_in(entry, "bytes")});
    }
    record.declared_rows = number_in(body, "declared_rows");
    body.at("executor").get_to(record.executor);
    body.at("handle").get_to(record.handle);
    body.at("remote_fingerprint").get_to(record.remote_fingerprint);
    body.at("rows").get_to(record.rows);
    body.at("bytes").get_to(record.bytes);
    body.at("fingerprint").get_to(record.fingerprint);
    body.at("checksum").get_to(record.checksum);
    body.at("layout").get_to(record.layout);
    body.at("contract").get_to(record.contract);
    body.at("activated_micros").get_to(record.activated_micros);
    if (!is_snapshot_id(record.snapshot_id)) return std::nullopt;
    return record;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string contract_checksum(const catalog::Dataset& dataset) {
  std::string text;
  for (const catalog::Column& column : dataset.schema) {
    text += column.name + ':' + std::to_string(catalog::number_of(column.type)) + ';';
    if (column.type == catalog::ColumnType::decimal) text += catalog::name_of(column.type) + ';';
    // The length makes the text unambiguous for names that contain `;` or `=`.
    if (!column.from.empty()) text += "from" + std::to_string(column.from.size()) + '=' + column.from + ';';
  }
  text +=
      dataset.tenant_column ? "tenant=" + std::to_string(*dataset.tenant_column) : std::string("no tenant");
  return to_hex(sha256(text)).substr(0, 32);
}

}  // namespace offloader::snapshot_cache
