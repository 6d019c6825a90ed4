#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "offloader/usage/report.h"

namespace offloader::usage {

// Who was served what. Names are bounded (base/bounded_name.h).
struct Place {
  std::string key;
  std::string tenant;
  std::string endpoint;
};
struct PlaceView {
  std::string_view key;
  std::string_view tenant;
  std::string_view endpoint;
};

struct PlaceHash {
  using is_transparent = void;
  std::size_t operator()(const PlaceView& place) const {
    const std::hash<std::string_view> hash;
    return hash(place.key) * 31 + hash(place.endpoint);
  }
  std::size_t operator()(const Place& place) const {
    return (*this)(PlaceView{place.key, place.tenant, place.endpoint});
  }
};
struct PlaceEqual {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return a.key == b.key && a.tenant == b.tenant && a.endpoint == b.endpoint;
  }
};

// The lines of one hour.
using Lines = std::unordered_map<Place, Counts, PlaceHash, PlaceEqual>;

// Appends a line of a file: the hour of its day, the names and the counts, separated by tabs.
void append_line(std::string& out, int hour, const PlaceView& place, const Counts& counts);

struct ParsedLine {
  int hour = 0;
  Place place;
  Counts counts;
};
// Returns false if the text is no such line.
[[nodiscard]] bool parse_line(std::string_view text, ParsedLine& out);

}  // namespace offloader::usage
