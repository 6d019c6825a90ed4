#pragma once

#include <random>
#include <string>
#include <string_view>

namespace offloader::app {

using MutationRandom = std::mt19937_64;

// Changes one to three bytes: to another value, or by flipping one bit.
[[nodiscard]] std::string mutate_bytes(std::string bytes, MutationRandom& random);

// Makes one to three edits: changes, inserts, removes or repeats characters, mostly ones with a meaning to
// parsers.
[[nodiscard]] std::string mutate_text(std::string text, MutationRandom& random);

// Describes the difference for a report: the offset and both values of each changed byte, or only the sizes
// if these differ.
[[nodiscard]] std::string describe_mutation(std::string_view original, std::string_view mutated);

}  // namespace offloader::app
