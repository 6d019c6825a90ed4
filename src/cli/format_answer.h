#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http_client.h"
#include "offloader/catalog/format.h"

namespace offloader::cli {

// What the headers of an answer in another format than JSON say in place of `meta` (consumer-api.md,
// "Formats").
struct FormatAnswer {
  std::string snapshot;
  bool streamed = false;  // an export; else a page
  bool has_more = false;
  bool trailers = false;              // the export has them
  std::optional<std::uint64_t> rows;  // told by the server, else counted
  std::vector<std::string> problems;  // deviations from the contract; of an export also that it is not whole
};

// Reads and checks a 200. `counted` are the rows that arrived, nullopt if they cannot be counted. A page
// tells at its beginning whether there are more rows, an export at its end: that is how the two are told
// apart. Requires: the request had the header `TE: trailers`.
// `without_trailers`: an export may have none, because a proxy removes them; whether it has all rows is then
// not known.
[[nodiscard]] FormatAnswer read_format_answer(const HttpAnswer& answer, const catalog::FormatRow& format,
                                              std::optional<std::uint64_t> counted,
                                              bool without_trailers = false);

}  // namespace offloader::cli
