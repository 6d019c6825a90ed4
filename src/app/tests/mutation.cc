#include "mutation.h"

#include <fmt/format.h>

namespace offloader::app {
namespace {

std::size_t below(MutationRandom& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

char any_byte(MutationRandom& random) {
  return static_cast<char>(below(random, 256));
}

char telling_byte(MutationRandom& random) {
  using std::string_view_literals::operator""sv;  // the text contains a NUL
  constexpr auto kTelling = "\",\n\r'\\{}[]:0919-+eE.xX \t/#&*\0\xff\xc3\x28\xef"sv;
  return below(random, 4) == 0 ? any_byte(random) : kTelling[below(random, kTelling.size())];
}

}  // namespace

std::string mutate_bytes(std::string bytes, MutationRandom& random) {
  const std::size_t changes = 1 + below(random, 3);
  for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
    char& byte = bytes[below(random, bytes.size())];
    const char before = byte;
    if (below(random, 2) == 0) {
      byte = static_cast<char>(byte ^ (1 << below(random, 8)));
    } else {
      while (byte == before) byte = any_byte(random);
    }
  }
  return bytes;
}

std::string mutate_text(std::string text, MutationRandom& random) {
  const std::size_t edits = 1 + below(random, 3);
  for (std::size_t i = 0; i < edits && !text.empty(); ++i) {
    const std::size_t at = below(random, text.size());
    switch (below(random, 4)) {
      case 0:
        text[at] = telling_byte(random);
        break;
      case 1:
        text.insert(at, 1, telling_byte(random));
        break;
      case 2:
        text.erase(at, 1 + below(random, 8));
        break;
      default:
        text.insert(at, text.substr(at, 1 + below(random, 64)));
    }
  }
  return text;
}

std::string describe_mutation(std::string_view original, std::string_view mutated) {
  if (original.size() != mutated.size())
    return fmt::format("{} bytes instead of {}", mutated.size(), original.size());
  std::string out;
  for (std::size_t i = 0; i < original.size(); ++i) {
    if (original[i] == mutated[i]) continue;
    out += fmt::format("{}offset {}: {} -> {}", out.empty() ? "" : ", ", i,
                       static_cast<unsigned>(static_cast<unsigned char>(original[i])),
                       static_cast<unsigned>(static_cast<unsigned char>(mutated[i])));
  }
  return out;
}

}  // namespace offloader::app
