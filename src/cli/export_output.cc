#include "export_output.h"

#include <ostream>

#include "terminal_text.h"
#include "unfinished_file.h"

namespace offloader::cli {
namespace {

class ToFile final : public ExportOutput {
 public:
  explicit ToFile(std::unique_ptr<UnfinishedFile> file) : file_(std::move(file)) {}

  Result<void> write(std::string_view bytes) override { return file_->write(bytes); }
  Result<void> finish() override { return file_->finish(); }

 private:
  const std::unique_ptr<UnfinishedFile> file_;
};

class ToStandardOutput final : public ExportOutput {
 public:
  explicit ToStandardOutput(World& world) : world_(world) {}

  Result<void> write(std::string_view bytes) override {
    if (world_.out_is_terminal) {
      world_.out << bytes;
    } else if (!write_unescaped(world_.out, bytes)) {
      return failed();
    }
    return {};
  }
  Result<void> finish() override {
    if (!world_.out.flush()) return failed();
    return {};
  }

 private:
  static tl::unexpected<Error> failed() {
    return fail(ErrorCode::unavailable, "standard output cannot be written");
  }

  World& world_;
};

}  // namespace

Result<std::unique_ptr<ExportOutput>> open_export_output(const std::string& out, bool replace, World& world) {
  if (out == "-") return std::make_unique<ToStandardOutput>(world);
  auto file = UnfinishedFile::create(out, replace);
  if (file) return std::make_unique<ToFile>(std::move(*file));
  if (file.error().code == ErrorCode::conflict) file.error().message += ": pass --force to replace it";
  return fail(std::move(file.error()));
}

}  // namespace offloader::cli
