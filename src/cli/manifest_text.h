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

// A manifest as manifest.md has it; a line for each column and file, for people to read.
[[nodiscard]] std::string to_text(const ManifestDraft& draft);

// By the end of the name: .csv, .csv.gz, .csv.zst, .parquet. Nothing for another.
[[nodiscard]] std::optional<manifest::FileFormat> format_of(const std::filesystem::path& path);

// The schema that fits all files, looked at one by one. `notes` gets what was left out, renamed or widened.
// `rejected` when two files cannot have one schema, and when one file is named twice.
struct Described {
  std::vector<catalog::Column> schema;
  std::vector<ManifestFile> files;  // `path` as given
  catalog::Findings findings;       // what does not fit the contract
};
[[nodiscard]] Result<Described> describe_files(const std::vector<std::string>& paths,
                                               const duckdb::DescribeOptions& options,
                                               std::vector<std::string>& notes);

}  // namespace offloader::cli
