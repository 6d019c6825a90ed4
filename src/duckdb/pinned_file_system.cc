#include <algorithm>

#include "duckdb_internals.h"
#include "file_systems.h"
#include "offloader/object_store/local_input.h"
#include "read_ahead.h"

namespace offloader::duckdb {
namespace {

using object_store::LocalInput;

constexpr const char* kScheme = "pinned://";

class PinnedHandle final : public ::duckdb::FileHandle {
 public:
  PinnedHandle(::duckdb::FileSystem& system, const ::duckdb::string& name, ::duckdb::FileOpenFlags open_flags,
               std::shared_ptr<const PinnedFiles> files, const PinnedFile& file, ReadAhead::Watch watch)
      : FileHandle(system, name, open_flags),
        files_(std::move(files)),
        file_(file),
        watch_(std::move(watch)),
        ahead_(*files_, file_, watch_) {}

  void Close() override {}

  [[nodiscard]] const PinnedFile& file() const { return file_; }
  [[nodiscard]] ReadAhead& ahead() { return ahead_; }

  // Thread-safe.
  void read_at(char* buffer, std::uint64_t length, std::uint64_t offset) {
    CancelFlag cancel;
    Result<void> done;
    {
      const auto watched = watch_(cancel);
      done = files_->read(file_, offset, buffer, length, &cancel);
    }
    if (!done) raise(done.error());
  }

 private:
  const std::shared_ptr<const PinnedFiles> files_;
  const PinnedFile& file_;
  const ReadAhead::Watch watch_;
  ReadAhead ahead_;
};

// A local file that stays open as long as DuckDB has the handle, so a file that replaces it under its name is
// not read.
class LocalHandle final : public ::duckdb::FileHandle {
 public:
  LocalHandle(::duckdb::FileSystem& system, const ::duckdb::string& name, ::duckdb::FileOpenFlags open_flags,
              const PinnedFile& file, std::unique_ptr<const LocalInput> input)
      : FileHandle(system, name, open_flags), file_(file), input_(std::move(input)) {}

  void Close() override {}

  [[nodiscard]] const PinnedFile& file() const { return file_; }

  // Thread-safe.
  void read_at(char* buffer, std::uint64_t length, std::uint64_t offset) const {
    if (auto inside = file_.holds(offset, length); !inside) raise(inside.error());
    if (auto done = input_->read(offset, buffer, length); !done) raise(done.error());
  }

  // For sequential reads. One thread at a time.
  std::uint64_t position = 0;

 private:
  const PinnedFile& file_;
  const std::unique_ptr<const LocalInput> input_;
};

class PinnedFileSystem final : public ::duckdb::FileSystem {
 public:
  PinnedFileSystem(std::shared_ptr<const PinnedFiles> files, std::shared_ptr<InterruptWatch> watch,
                   std::shared_ptr<executor::SourceWaits> waits)
      : files_(std::move(files)), watch_(std::move(watch)), waits_(std::move(waits)) {}

  std::string GetName() const override { return "PinnedFileSystem"; }
  bool CanHandleFile(const ::duckdb::string& path) override { return path.rfind(kScheme, 0) == 0; }
  bool CanSeek() override { return true; }
  // If false, the Parquet reader fetches whole columns at a time.
  bool OnDiskFile(::duckdb::FileHandle& handle) override { return is_local(handle); }
  bool IsPipe(const ::duckdb::string&, ::duckdb::optional_ptr<::duckdb::FileOpener>) override {
    return false;
  }

  bool FileExists(const ::duckdb::string& path, ::duckdb::optional_ptr<::duckdb::FileOpener>) override {
    return files_->find(path) != nullptr;
  }

  ::duckdb::vector<::duckdb::OpenFileInfo> Glob(const ::duckdb::string& path,
                                                ::duckdb::FileOpener*) override {
    ::duckdb::vector<::duckdb::OpenFileInfo> found;
    const auto* file = files_->find(path);
    if (file == nullptr) return found;
    ::duckdb::OpenFileInfo info(path);
    info.extended_info = ::duckdb::make_shared_ptr<::duckdb::ExtendedOpenFileInfo>();
    auto& options = info.extended_info->options;
    options["file_size"] = ::duckdb::Value::UBIGINT(file->object.size);
    options["etag"] = ::duckdb::Value(version_of(*file));
    options["last_modified"] = ::duckdb::Value::TIMESTAMP(modified_of(*file));
    found.push_back(std::move(info));
    return found;
  }

  void Read(::duckdb::FileHandle& handle, void* buffer, int64_t length, ::duckdb::idx_t location) override {
    auto* const into = static_cast<char*>(buffer);
    const auto bytes = static_cast<std::uint64_t>(length);
    if (is_local(handle)) return handle.Cast<LocalHandle>().read_at(into, bytes, location);
    handle.Cast<PinnedHandle>().read_at(into, bytes, location);
  }
  int64_t Read(::duckdb::FileHandle& handle, void* buffer, int64_t length) override {
    if (is_local(handle)) {
      auto& local = handle.Cast<LocalHandle>();
      const std::uint64_t size = local.file().object.size;
      const auto bytes = std::min(static_cast<std::uint64_t>(length), size - std::min(size, local.position));
      local.read_at(static_cast<char*>(buffer), bytes, local.position);
      local.position += bytes;
      return static_cast<int64_t>(bytes);
    }
    auto done = handle.Cast<PinnedHandle>().ahead().read(static_cast<char*>(buffer),
                                                         static_cast<std::uint64_t>(length));
    if (!done) raise(done.error());
    return static_cast<int64_t>(*done);
  }

  int64_t GetFileSize(::duckdb::FileHandle& handle) override {
    return static_cast<int64_t>(file_of(handle).object.size);
  }
  ::duckdb::timestamp_t GetLastModifiedTime(::duckdb::FileHandle& handle) override {
    return modified_of(file_of(handle));
  }
  ::duckdb::string GetVersionTag(::duckdb::FileHandle& handle) override {
    return version_of(file_of(handle));
  }
  ::duckdb::FileType GetFileType(::duckdb::FileHandle&) override {
    return ::duckdb::FileType::FILE_TYPE_REGULAR;
  }

  void Seek(::duckdb::FileHandle& handle, ::duckdb::idx_t location) override {
    if (is_local(handle)) {
      handle.Cast<LocalHandle>().position = location;
    } else {
      handle.Cast<PinnedHandle>().ahead().seek(location);
    }
  }
  ::duckdb::idx_t SeekPosition(::duckdb::FileHandle& handle) override {
    return is_local(handle) ? handle.Cast<LocalHandle>().position
                            : handle.Cast<PinnedHandle>().ahead().position();
  }
  void Reset(::duckdb::FileHandle& handle) override { Seek(handle, 0); }

 protected:
  bool SupportsOpenFileExtended() const override { return true; }

  ::duckdb::unique_ptr<::duckdb::FileHandle> OpenFileExtended(
      const ::duckdb::OpenFileInfo& info, ::duckdb::FileOpenFlags flags,
      ::duckdb::optional_ptr<::duckdb::FileOpener> opener) override {
    const auto* file = files_->find(info.path);
    if (file == nullptr || flags.OpenForWriting()) {
      if (flags.ReturnNullIfNotExists()) return nullptr;
      throw ::duckdb::PermissionException("a file that this snapshot does not name");
    }
    if (file->local) {
      auto input = LocalInput::open(file->object);
      if (!input) raise(input.error());
      return ::duckdb::make_uniq<LocalHandle>(*this, info.path, flags, *file, std::move(*input));
    }
    Context context;
    if (auto client = ::duckdb::FileOpener::TryGetClientContext(opener)) context = client->shared_from_this();
    return ::duckdb::make_uniq<PinnedHandle>(*this, info.path, flags, files_, *file,
                                             watch_of(watch_, waits_, interrupted_of(context)));
  }

 private:
  static bool is_local(const ::duckdb::FileHandle& handle) {
    return dynamic_cast<const LocalHandle*>(&handle) != nullptr;
  }
  static const PinnedFile& file_of(::duckdb::FileHandle& handle) {
    return is_local(handle) ? handle.Cast<LocalHandle>().file() : handle.Cast<PinnedHandle>().file();
  }
  static ::duckdb::timestamp_t modified_of(const PinnedFile& file) {
    return ::duckdb::timestamp_t(file.object.modified.time_since_epoch().count());
  }
  // DuckDB's cache relies on the version. The files are pinned as long as the instance exists, so any
  // constant would do.
  static std::string version_of(const PinnedFile& file) {
    return file.object.tag.empty() ? "pinned" : file.object.tag;
  }

  const std::shared_ptr<const PinnedFiles> files_;
  const std::shared_ptr<InterruptWatch> watch_;
  const std::shared_ptr<executor::SourceWaits> waits_;
};

}  // namespace

Result<void> register_pinned_files(duckdb_database database, std::shared_ptr<const PinnedFiles> files,
                                   std::shared_ptr<InterruptWatch> watch,
                                   std::shared_ptr<executor::SourceWaits> waits) {
  return register_file_system(
      database, ::duckdb::make_uniq<PinnedFileSystem>(std::move(files), std::move(watch), std::move(waits)));
}

}  // namespace offloader::duckdb
