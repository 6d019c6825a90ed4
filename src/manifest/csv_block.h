#pragma once

#include <functional>
#include <string>

#include "json_tree.h"
#include "offloader/manifest/csv_dialect.h"

namespace offloader::manifest {

// Reports a finding at a value: path, code, message, hint.
using ReportFinding =
    std::function<void(const JsonNode&, std::string, std::string, std::string, std::string)>;

// Reads the manifest's `csv` block, which must be an object. Reports invalid fields and keeps the RFC 4180
// defaults for them and for absent fields. Unknown fields are findings too: a misspelled one would silently
// change how the data is read.
[[nodiscard]] CsvDialect read_csv_block(const JsonNode& block, const ReportFinding& report);

}  // namespace offloader::manifest
