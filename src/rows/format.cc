#include "offloader/rows/format.h"

#include "offloader/rows/json_writer.h"

namespace offloader::rows {

std::string_view media_type(Format format) {
  switch (format) {
    case Format::json:
      return "application/json";
  }
  return "application/json";
}

std::unique_ptr<Writer> make_writer(Format format, std::shared_ptr<ByteBudget> memory) {
  switch (format) {
    case Format::json:
      return std::make_unique<JsonWriter>(std::move(memory));
  }
  return nullptr;
}

}  // namespace offloader::rows
