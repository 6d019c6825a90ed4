#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "offloader/base/result.h"
#include "offloader/cli/cli.h"

namespace offloader::cli {

// Where an export goes. One thread at a time. Messages are for people and do not name the file.
class ExportOutput {
 public:
  virtual ~ExportOutput() = default;
  [[nodiscard]] virtual Result<void> write(std::string_view bytes) = 0;
  // Called once everything has arrived and been checked. A file appears only now.
  [[nodiscard]] virtual Result<void> finish() = 0;
};

// Opens a file, or standard output for `-`, where the text is escaped if it is a terminal. Fails if the file
// exists, unless `replace` is set. `world` must outlive the output.
[[nodiscard]] Result<std::unique_ptr<ExportOutput>> open_export_output(const std::string& out, bool replace,
                                                                       World& world);

}  // namespace offloader::cli
