#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "offloader/catalog/column.h"

namespace offloader::app {

// A sound data file that is to be damaged, and the dataset that serves it.
struct Seed {
  std::string dataset;
  std::string name;    // of the file, for reports
  std::string format;  // parquet or csv
  std::string suffix;  // of the file's name: `.parquet`, `.csv`, `.csv.gz`
  std::string bytes;
  std::vector<catalog::Column> columns;
  std::int64_t rows = 0;
  bool scanned = false;  // has a `remote_scan` endpoint, too
};

// A project with a dataset for each seed, and one named `witness` that nobody damages. Every dataset has an
// endpoint of its name (`local_table`), and each seed's a second one, `{dataset}_scan` (`remote_scan`). Open
// to everybody. Calls for different datasets may come from different threads.
class MutatedProject {
 public:
  // The files of src/app/tests/data/parquet and others made by DuckDB, each with what manifest create would
  // say of it.
  [[nodiscard]] static std::vector<Seed> parquet_seeds(const std::filesystem::path& scratch);
  [[nodiscard]] static std::vector<Seed> csv_seeds(const std::filesystem::path& scratch);

  MutatedProject(std::filesystem::path root, std::vector<Seed> seeds);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] const std::vector<Seed>& seeds() const { return seeds_; }

  // Offers these bytes as the dataset's next snapshot, `s{number}`, in a file of its own.
  void offer(std::size_t seed, std::uint64_t number, const std::string& bytes) const;
  // Removes the file of snapshot `number`.
  void remove(std::size_t seed, std::uint64_t number) const;
  // Offers this text as the dataset's manifest.
  void offer_manifest(std::size_t seed, const std::string& text) const;
  [[nodiscard]] std::string manifest_text(std::size_t seed, std::uint64_t number) const;

 private:
  [[nodiscard]] std::string file_name(std::size_t seed, std::uint64_t number) const;

  std::filesystem::path root_;
  std::vector<Seed> seeds_;
};

}  // namespace offloader::app
