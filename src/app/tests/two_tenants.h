#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace offloader::app {

// A project to attack: the tenants `zebra-corp` and `yak-corp`, whose rows contain their name; a column
// `hidden` that no endpoint selects; the endpoint `orders` for both keys and `yak_only` for one; and a
// revoked key. canaries() returns every text that must never leak.
namespace two_tenants {

constexpr const char* kZebra = "authorization: Bearer offl_zebra_0123456789abcdef";
constexpr const char* kYak = "authorization: Bearer offl_yak_0123456789abcdef";
constexpr const char* kRevoked = "authorization: Bearer offl_former_0123456789abcdef";

void write(const std::filesystem::path& root);

// Tokens, their hashes, tenant names and the prefix of the hidden column's values.
[[nodiscard]] std::vector<std::string> canaries();

// Writes the manifest of `orders` with this snapshot id and data file path.
void write_manifest(const std::filesystem::path& root, const std::string& snapshot_id,
                    const std::string& data_path);

}  // namespace two_tenants
}  // namespace offloader::app
