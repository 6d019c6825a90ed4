#include "reader.h"

#include <algorithm>

#include "offloader/base/ascii.h"

namespace offloader::settings {

std::string trimmed(std::string text) {
  while (!text.empty() &&
         (text.back() == '\n' || text.back() == '\r' || text.back() == ' ' || text.back() == '\t'))
    text.pop_back();
  const auto first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first);
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    if (std::string part = trimmed(text.substr(at, comma - at)); !part.empty())
      out.push_back(std::move(part));
    at = comma + 1;
  }
  return out;
}

std::optional<std::uint64_t> parse_size(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  std::string unit = trimmed(std::string(end, static_cast<std::size_t>(text.data() + text.size() - end)));
  for (char& c : unit) c = ascii::to_upper(c);
  static const std::vector<std::pair<std::string, double>> kUnits = {{"", 1},
                                                                     {"B", 1},
                                                                     {"K", 1024.0},
                                                                     {"KB", 1024.0},
                                                                     {"KIB", 1024.0},
                                                                     {"M", 1048576.0},
                                                                     {"MB", 1048576.0},
                                                                     {"MIB", 1048576.0},
                                                                     {"G", 1073741824.0},
                                                                     {"GB", 1073741824.0},
                                                                     {"GIB", 1073741824.0},
                                                                     {"T", 1099511627776.0},
                                                                     {"TB", 1099511627776.0},
                                                                     {"TIB", 1099511627776.0}};
  for (const auto& [name, factor] : kUnits) {
    if (name != unit) continue;
    const double bytes = number * factor;
    return bytes < 9e18 ? std::optional(static_cast<std::uint64_t>(bytes)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace offloader::settings
