#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// A project with one dataset, `items`, of two tenants, whose rows have ties, nulls and duplicates. Its
// endpoints page by cursor, and each lists the whole dataset in one answer too.
namespace offloader::app::items {

struct Item {
  std::string tenant;
  std::string kind;   // empty: null
  std::string size;   // of an INTEGER; likewise
  std::string price;  // of a DECIMAL(10,2); likewise
  std::string day;    // likewise
  std::string ratio;  // of a DOUBLE; likewise
  std::string id;     // a UUID
};

// The token of a tenant, which is `a` or `b`.
[[nodiscard]] std::string token_of(const std::string& tenant);

// Names of the endpoints that page by cursor.
[[nodiscard]] const std::vector<std::string>& endpoints();

// Writes the project without a snapshot. Beside endpoints() it has `strict`, which is like `up` with `cursor:
// strict`, `recent`, which has a default of `today-2d`, and `whole`, which has no cursors.
void write_project(const std::filesystem::path& root);

// Publishes a snapshot. Its id is `s{number}`.
void publish(const std::filesystem::path& root, int number, const std::vector<Item>& items);

// Returns random items of both tenants.
[[nodiscard]] std::vector<Item> random_items(std::uint64_t seed, int count);

}  // namespace offloader::app::items
