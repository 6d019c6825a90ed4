#include "offloader/manifest/manifest.h"

namespace offloader::manifest {

std::string_view name_of(DataQuality quality) {
  switch (quality) {
    case DataQuality::passed:
      return "passed";
    case DataQuality::warning:
      return "warning";
    case DataQuality::failed:
      return "failed";
  }
  return "failed";
}

std::string_view name_of(FileFormat format) {
  return format == FileFormat::csv ? "csv" : "parquet";
}

}  // namespace offloader::manifest
