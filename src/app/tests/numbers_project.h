#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "http_client.h"

// A project with one dataset, `numbers`. Every row contains its snapshot's number, so an answer shows by
// itself whether it is complete and from one snapshot. Needs no key. Its endpoints:
//   rows   cached; the first kPage rows
//   scan   not cached; aggregates of all rows, which read every byte
namespace offloader::app::numbers {

inline constexpr std::int64_t kPage = 100'000;  // most rows of one answer
inline constexpr const char* kRows = "/v1/endpoints/rows?limit=100000";
inline constexpr const char* kScan = "/v1/endpoints/scan";

// Writes the project without a snapshot. `origin` is the line of the dataset that names its source.
void write_project(const std::filesystem::path& root,
                   const std::string& origin = "manifest: data/numbers.json");

// Publishes snapshot `number` with id `s{number}`: a new data file, then the manifest by rename. Removes the
// data file of snapshot `number - 2`. Returns the new data file.
std::filesystem::path publish(const std::filesystem::path& root, int number, std::int64_t rows);

// Returns a manifest, for cases that publish() does not cover.
[[nodiscard]] std::string manifest_text(int number, std::int64_t rows, const std::string& file,
                                        const std::string& size_bytes);
[[nodiscard]] std::string csv_text(int number, std::int64_t rows);

// Checks an answer of `rows`. Returns the number of its snapshot if the status is 200 and the answer is
// complete: `count` rows or a page, all from the snapshot that `meta` names. Otherwise returns 0 and sets
// `problem`.
[[nodiscard]] int whole_snapshot(const Answer& answer, std::int64_t count, std::string& problem);
// The same for an answer of `scan`.
[[nodiscard]] int scanned_snapshot(const Answer& answer, std::int64_t count, std::string& problem);

// Returns everything that is missing from a cache folder at rest or should not be in it. Expected are
// VERSION, LOCK, marks/, empty tmp/, config/ and exports/, and for each dataset its marks, the files of the
// builds that they name, and at most one quarantined file.
[[nodiscard]] std::vector<std::string> disorder(const std::filesystem::path& cache);

}  // namespace offloader::app::numbers
