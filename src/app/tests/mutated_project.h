#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "offloader/catalog/column.h"

namespace offloader::app {

// A valid data file to be damaged, and its dataset.
struct Seed {
  std::string dataset;
  std::string name;    // of the file, for reports
  std::string format;  // parquet or csv
  std::string suffix;  // of the file name: `.parquet`, `.csv`, `.csv.gz`
  std::string bytes;
  std::vector<catalog::Column> columns;
  std::int64_t rows = 0;
  bool scanned = false;  // also has a `remote_scan` endpoint
};

// A project with one dataset per seed, and one named `witness`, which is never damaged. Every dataset has a
// `local_table` endpoint with its name; every fourth seed also has `{dataset}_scan` (`remote_scan`). Needs no
// key. Calls for different datasets may come from different threads.
class MutatedProject {
 public:
  // The files in src/app/tests/data/parquet and others made by DuckDB, each with the columns and row count
  // that `manifest create` would report.
  [[nodiscard]] static std::vector<Seed> parquet_seeds(const std::filesystem::path& scratch);
  [[nodiscard]] static std::vector<Seed> csv_seeds(const std::filesystem::path& scratch);

  MutatedProject(std::filesystem::path root, std::vector<Seed> seeds);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] const std::vector<Seed>& seeds() const { return seeds_; }

  // Publishes these bytes as the dataset's next snapshot, `s{number}`, in a new file.
  void offer(std::size_t seed, std::uint64_t number, const std::string& bytes) const;
  // Removes the file of snapshot `number`.
  void remove(std::size_t seed, std::uint64_t number) const;
  // Replaces the dataset's manifest by this text.
  void offer_manifest(std::size_t seed, const std::string& text) const;
  [[nodiscard]] std::string manifest_text(std::size_t seed, std::uint64_t number) const;

 private:
  [[nodiscard]] std::string file_name(std::size_t seed, std::uint64_t number) const;

  std::filesystem::path root_;
  std::vector<Seed> seeds_;
};

}  // namespace offloader::app
