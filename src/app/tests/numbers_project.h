#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "http_client.h"

// A project of one dataset, `numbers`, each of whose rows bears its snapshot's number, so that an answer
// tells by itself whether it is whole and of one snapshot; open to everybody. Its endpoints:
//   rows   cached; the first kPage rows
//   scan   not cached; aggregates of all rows, of which every byte is read
namespace offloader::app::numbers {

inline constexpr std::int64_t kPage = 100'000;  // rows, at most, of one answer
inline constexpr const char* kRows = "/v1/endpoints/rows?limit=100000";
inline constexpr const char* kScan = "/v1/endpoints/scan";

// Writes the project without a snapshot. `origin` is the dataset's line that says where its snapshots are.
void write_project(const std::filesystem::path& root,
                   const std::string& origin = "manifest: data/numbers.json");

// Snapshot `number`, id `s{number}`: a data file under a name of its own, then the manifest, by rename.
// Data files of snapshots before the one before are removed. Returns the data file.
std::filesystem::path publish(const std::filesystem::path& root, int number, std::int64_t rows);

// The manifest's text, for what publish() does not do.
[[nodiscard]] std::string manifest_text(int number, std::int64_t rows, const std::string& file,
                                        const std::string& size_bytes);
[[nodiscard]] std::string csv_text(int number, std::int64_t rows);

// What `rows` answered: the number of the snapshot when the answer is 200 and whole (`count` rows or a page,
// all of one snapshot, which `meta` names); else 0, and why in `problem`.
[[nodiscard]] int whole_snapshot(const Answer& answer, std::int64_t count, std::string& problem);
// The same of `scan`.
[[nodiscard]] int scanned_snapshot(const Answer& answer, std::int64_t count, std::string& problem);

// Everything in a cache folder at rest that should not be there, or is missing: besides VERSION, LOCK and
// empty tmp/ and config/, for each dataset its marks and the files of the builds that they name, and at most
// one file set aside.
[[nodiscard]] std::vector<std::string> disorder(const std::filesystem::path& cache);

}  // namespace offloader::app::numbers
