#pragma once

#include <random>
#include <string>
#include <string_view>

namespace offloader::app {

using MutationRandom = std::mt19937_64;

// The bytes with one to three of them changed, each to another value: any, or one bit of it flipped.
[[nodiscard]] std::string mutate_bytes(std::string bytes, MutationRandom& random);

// The text with one to three edits: a byte changed, inserted, removed or said twice, mostly with characters
// that mean something to a parser.
[[nodiscard]] std::string mutate_text(std::string text, MutationRandom& random);

// How `mutated` differs, for a report: each offset with both values; sizes where they differ.
[[nodiscard]] std::string describe_mutation(std::string_view original, std::string_view mutated);

}  // namespace offloader::app
