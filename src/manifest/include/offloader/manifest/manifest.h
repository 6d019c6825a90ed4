#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offloader/base/cancel.h"
#include "offloader/base/clock.h"
#include "offloader/catalog/catalog.h"
#include "offloader/catalog/finding.h"
#include "offloader/catalog/finding_list.h"
#include "offloader/manifest/csv_dialect.h"

// The snapshot manifest: parsed, validated, and checked against a dataset's contract (manifest.md). Pure:
// reads no file.
namespace offloader::manifest {

// The numbers are in snapshot records: never changed, never used again.
enum class FileFormat : std::uint8_t { csv = 0, parquet = 1 };
enum class DataQuality { passed, warning, failed };
enum class Compatibility { additive_only, exact };

struct DataFile {
  std::string path;  // as written: relative to the manifest, or a URL
  FileFormat format = FileFormat::parquet;
  std::optional<std::int64_t> row_count;
  std::optional<std::int64_t> size_bytes;
};

struct Manifest {
  std::string dataset_id;
  std::string snapshot_id;
  std::string created_at;  // as written
  std::string watermark;   // as written
  SystemTime created_time;
  SystemTime watermark_time;
  std::vector<catalog::Column> schema;
  std::vector<DataFile> files;
  std::vector<std::string> partition_columns;
  std::vector<std::string> sort_columns;
  std::optional<std::int64_t> row_count;  // nothing only where the source cannot know it (Databricks)
  std::int64_t size_bytes = 0;
  std::string producer;
  std::string upstream_run_id;
  std::int64_t schema_version = 1;
  DataQuality data_quality = DataQuality::passed;
  Compatibility compatibility = Compatibility::additive_only;
  CsvDialect csv;  // of all CSV files
};

struct ParsedManifest {
  std::optional<Manifest> manifest;  // nothing when `findings` holds an error
  catalog::Findings findings;        // sorted and bounded; `file` is the name given to parse_manifest
  bool cancelled = false;            // then neither a manifest nor findings
};

inline constexpr std::uint64_t kMaxManifestBytes = 16ULL << 20;

// Parses and checks the fields (manifest.md, table and check 1), in time and memory linear in the text.
// `file` names it in findings. `line` of a finding is the line of the field in the JSON text. `cancel` ends
// it early.
[[nodiscard]] ParsedManifest parse_manifest(std::string_view json, const std::string& file,
                                            const CancelFlag* cancel = nullptr);

// Checks 2 and 4 and dataset_mismatch: the manifest against the dataset that it is to serve. `file` names it
// in findings.
[[nodiscard]] catalog::Findings check_against_contract(const Manifest& manifest,
                                                       const catalog::Dataset& dataset,
                                                       const std::string& file);

// Where the bytes of a data file are: an absolute local path, or a URL.
struct ResolvedFile {
  std::string location;
  bool remote = false;
  DataFile declared;
};

// Where a manifest came from: a local file inside a project root, or a URL.
struct ManifestOrigin {
  std::string location;        // absolute local path, or URL
  std::filesystem::path root;  // the project's folder, for a local one
  bool remote = false;
};

struct ResolvedFiles {
  std::vector<ResolvedFile> files;
  catalog::Findings findings;  // unsafe_path, origin_not_allowed, duplicate_file; bounded
};

// Resolves every file path: relative to the manifest, inside the project (or the manifest's bucket or host),
// or a URL of an origin in `allowed_origins` (normalized) or the manifest's own. A name may have any
// character but NUL; below an http URL it is a URL reference, in which characters that a URL cannot hold are
// escaped. A file that is named twice, in whatever spelling, is refused. Reads links of the local file
// system.
[[nodiscard]] ResolvedFiles resolve_files(const Manifest& manifest, const ManifestOrigin& origin,
                                          const std::vector<std::string>& allowed_origins,
                                          const std::string& file);

[[nodiscard]] std::string_view name_of(DataQuality quality);
[[nodiscard]] std::string_view name_of(FileFormat format);

}  // namespace offloader::manifest
