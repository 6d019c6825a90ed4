#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "offloader/base/result.h"
#include "offloader/catalog/column.h"
#include "offloader/catalog/finding.h"
#include "offloader/duckdb/describe_file.h"
#include "offloader/manifest/manifest.h"

namespace offloader::cli {

struct ManifestFile {
  std::string path;  // relative to the manifest
  manifest::FileFormat format = manifest::FileFormat::csv;
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
};

struct ManifestDraft {
  std::string dataset;
  std::string snapshot_id;
  std::string created_at;  // ISO 8601 with offset
  std::string watermark;
  std::string producer;
  std::vector<catalog::Column> schema;
  std::vector<ManifestFile> files;
  manifest::CsvDialect csv;
};

// Formats a manifest (manifest.md) for people to read, with one line per column and file.
[[nodiscard]] std::string to_text(const ManifestDraft& draft);

// Determines the format by extension: .csv, .csv.gz, .csv.zst or .parquet. Returns nullopt for any other.
[[nodiscard]] std::optional<manifest::FileFormat> format_of(const std::filesystem::path& path);

// Reads the files one by one and returns a schema that fits all of them. Appends to `notes` which columns
// were left out, renamed or widened. Fails with `rejected` if two files have no common schema or a file is
// named twice, and with `invalid_param` for an unknown extension.
struct Described {
  std::vector<catalog::Column> schema;
  std::vector<ManifestFile> files;  // `path` as given
  catalog::Findings findings;       // problems with the contract
};
[[nodiscard]] Result<Described> describe_files(const std::vector<std::string>& paths,
                                               const duckdb::DescribeOptions& options,
                                               std::vector<std::string>& notes);

}  // namespace offloader::cli
