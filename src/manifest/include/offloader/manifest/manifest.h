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

// The snapshot manifest: parsed, validated, and checked against a dataset's contract (manifest.md). Any
// thread may call these functions. They open no file.
namespace offloader::manifest {

// The numbers are stored in snapshot records: never change or reuse them.
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
  std::optional<std::int64_t> row_count;  // nullopt only if the source cannot know it (Databricks)
  std::int64_t size_bytes = 0;
  std::string producer;
  std::string upstream_run_id;
  std::int64_t schema_version = 1;
  DataQuality data_quality = DataQuality::passed;
  Compatibility compatibility = Compatibility::additive_only;
  CsvDialect csv;  // of all CSV files
};

struct ParsedManifest {
  std::optional<Manifest> manifest;  // nullopt if `findings` contains an error
  catalog::Findings findings;        // sorted and bounded; `file` is the name given to parse_manifest
  bool cancelled = false;            // then there is neither a manifest nor findings
};

inline constexpr std::uint64_t kMaxManifestBytes = 16ULL << 20;

// Parses a manifest of at most 16 MiB and validates its fields (manifest.md, table and check 1). Time and
// memory are linear in the text. `file` names the manifest in findings, whose `line` is that of the field in
// the JSON text. Raising `cancel` ends it early.
[[nodiscard]] ParsedManifest parse_manifest(std::string_view json, const std::string& file,
                                            const CancelFlag* cancel = nullptr);

// Checks the manifest against the dataset that it is for: checks 2 and 4 of manifest.md, and
// dataset_mismatch. `file` names the manifest in findings.
[[nodiscard]] catalog::Findings check_against_contract(const Manifest& manifest,
                                                       const catalog::Dataset& dataset,
                                                       const std::string& file);

// The location of a data file: an absolute local path, or a URL.
struct ResolvedFile {
  std::string location;
  bool remote = false;
  DataFile declared;
};

// The location of a manifest: a local file inside a project, or a URL.
struct ManifestOrigin {
  std::string location;        // absolute local path, or URL
  std::filesystem::path root;  // the project's folder, if local
  bool remote = false;
};

struct ResolvedFiles {
  std::vector<ResolvedFile> files;
  catalog::Findings findings;  // unsafe_path, origin_not_allowed, duplicate_file; bounded
};

// Resolves the path of every file. A path is relative to the manifest and must stay inside the project (or
// the manifest's bucket or host), or is a URL whose origin is in `allowed_origins` (normalized) or is the
// manifest's own. A name may contain any character except NUL. Below an http URL it is a URL reference:
// characters not allowed in a URL are escaped. A file named twice, in any spelling, is a finding. Follows
// symbolic links in the local file system, so it may block.
[[nodiscard]] ResolvedFiles resolve_files(const Manifest& manifest, const ManifestOrigin& origin,
                                          const std::vector<std::string>& allowed_origins,
                                          const std::string& file);

[[nodiscard]] std::string_view name_of(DataQuality quality);
[[nodiscard]] std::string_view name_of(FileFormat format);

}  // namespace offloader::manifest
