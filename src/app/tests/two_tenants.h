#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace offloader::app {

// A project made to be attacked: tenants `zebra-corp` and `yak-corp`, each with rows that name it; a column
// `hidden` that no endpoint selects; `orders` for both keys, `yak_only` for one; and a revoked key. Every
// text that must not get out is in canaries().
namespace two_tenants {

constexpr const char* kZebra = "authorization: Bearer offl_zebra_0123456789abcdef";
constexpr const char* kYak = "authorization: Bearer offl_yak_0123456789abcdef";
constexpr const char* kRevoked = "authorization: Bearer offl_former_0123456789abcdef";

void write(const std::filesystem::path& root);

// Tokens, their hashes, tenants, and what the hidden column holds.
[[nodiscard]] std::vector<std::string> canaries();

// The manifest of `orders`, with its data file's path and its snapshot's id replaced.
void write_manifest(const std::filesystem::path& root, const std::string& snapshot_id,
                    const std::string& data_path);

}  // namespace two_tenants
}  // namespace offloader::app
