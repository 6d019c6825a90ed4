#pragma once

#include <functional>
#include <string>

#include "json_tree.h"
#include "offloader/manifest/csv_dialect.h"

namespace offloader::manifest {

// Reports a finding at a value: path, code, message, hint.
using ReportFinding =
    std::function<void(const JsonNode&, std::string, std::string, std::string, std::string)>;

// The manifest's `csv` block, an object. What is wrong with it is reported; what it leaves out, or says
// wrongly, is RFC 4180's in the result. Unknown fields are findings: a misspelt one would silently read the
// data in another way.
[[nodiscard]] CsvDialect read_csv_block(const JsonNode& block, const ReportFinding& report);

}  // namespace offloader::manifest
