#include "csv_files.h"
#include "duckdb_internals.h"
#include "file_systems.h"

namespace offloader::duckdb {
namespace {

// A handle of a CSV file, backed by a CsvStream. It reads forward, or goes back to where it was.
class CsvHandle final : public ::duckdb::FileHandle {
 public:
  CsvHandle(::duckdb::FileSystem& system, const ::duckdb::string& name, ::duckdb::FileOpenFlags open_flags,
            std::unique_ptr<CsvStream> stream)
      : FileHandle(system, name, open_flags), stream_(std::move(stream)) {}

  void Close() override {}
  ::duckdb::idx_t GetProgress() override { return stream_->consumed(); }
  [[nodiscard]] CsvStream& stream() { return *stream_; }

 private:
  const std::unique_ptr<CsvStream> stream_;
};

// DuckDB asks a file system, not a file, whether it can seek. So there are two file systems, one for seekable
// files.
class CsvFileSystem final : public ::duckdb::FileSystem {
 public:
  CsvFileSystem(std::shared_ptr<const CsvFiles> files, bool seekable)
      : files_(std::move(files)), seekable_(seekable) {}

  std::string GetName() const override { return seekable_ ? "CsvFileSystem" : "CsvFlowFileSystem"; }
  bool CanHandleFile(const ::duckdb::string& path) override { return path.rfind(scheme(), 0) == 0; }
  bool CanSeek() override { return seekable_; }
  bool OnDiskFile(::duckdb::FileHandle&) override { return false; }
  bool IsPipe(const ::duckdb::string&, ::duckdb::optional_ptr<::duckdb::FileOpener>) override {
    return false;
  }
  bool FileExists(const ::duckdb::string& path, ::duckdb::optional_ptr<::duckdb::FileOpener>) override {
    return files_->holds(path);
  }

  ::duckdb::vector<::duckdb::OpenFileInfo> Glob(const ::duckdb::string& path,
                                                ::duckdb::FileOpener*) override {
    ::duckdb::vector<::duckdb::OpenFileInfo> found;
    if (files_->holds(path)) found.emplace_back(path);
    return found;
  }

  void Read(::duckdb::FileHandle& handle, void* buffer, int64_t length, ::duckdb::idx_t location) override {
    Seek(handle, location);
    auto* at = static_cast<char*>(buffer);
    while (length > 0) {
      const auto got = Read(handle, at, length);
      if (got == 0) throw ::duckdb::IOException("a read beyond the end of a file");
      at += got;
      length -= got;
    }
  }
  int64_t Read(::duckdb::FileHandle& handle, void* buffer, int64_t length) override {
    auto done = handle.Cast<CsvHandle>().stream().read(static_cast<char*>(buffer),
                                                       static_cast<std::uint64_t>(length));
    if (!done) refuse(done.error());
    return static_cast<int64_t>(*done);
  }

  int64_t GetFileSize(::duckdb::FileHandle& handle) override {
    // The size of decompressed or decoded data is known only at its end. DuckDB plans its tasks by this
    // estimate.
    const auto size = static_cast<int64_t>(handle.Cast<CsvHandle>().stream().size());
    return seekable_ ? size : kGuessedRatio * size;
  }
  ::duckdb::timestamp_t GetLastModifiedTime(::duckdb::FileHandle&) override {
    return ::duckdb::timestamp_t(0);
  }
  ::duckdb::string GetVersionTag(::duckdb::FileHandle&) override { return "csv"; }
  ::duckdb::FileType GetFileType(::duckdb::FileHandle&) override {
    return ::duckdb::FileType::FILE_TYPE_REGULAR;
  }
  void Seek(::duckdb::FileHandle& handle, ::duckdb::idx_t location) override {
    handle.Cast<CsvHandle>().stream().seek(location);
  }
  ::duckdb::idx_t SeekPosition(::duckdb::FileHandle& handle) override {
    return handle.Cast<CsvHandle>().stream().position();
  }
  void Reset(::duckdb::FileHandle& handle) override { Seek(handle, 0); }

 protected:
  bool SupportsOpenFileExtended() const override { return true; }

  ::duckdb::unique_ptr<::duckdb::FileHandle> OpenFileExtended(
      const ::duckdb::OpenFileInfo& info, ::duckdb::FileOpenFlags flags,
      ::duckdb::optional_ptr<::duckdb::FileOpener> opener) override {
    if (!files_->holds(info.path) || flags.OpenForWriting()) {
      if (flags.ReturnNullIfNotExists()) return nullptr;
      throw ::duckdb::PermissionException("a file that this snapshot does not name");
    }
    Context context;
    if (auto client = ::duckdb::FileOpener::TryGetClientContext(opener)) context = client->shared_from_this();
    auto stream = files_->stream(info.path, interrupted_of(context));
    if (!stream) refuse(stream.error());
    return ::duckdb::make_uniq<CsvHandle>(*this, info.path, flags, std::move(*stream));
  }

 private:
  static constexpr int64_t kGuessedRatio = 4;

  // A malformed file is not a failure of the store.
  [[noreturn]] static void refuse(const Error& error) {
    if (error.code == ErrorCode::rejected) throw ::duckdb::InvalidInputException("the CSV file is refused");
    raise(error);
  }
  [[nodiscard]] std::string_view scheme() const {
    return seekable_ ? CsvFiles::kSeekableScheme : CsvFiles::kFlowingScheme;
  }

  const std::shared_ptr<const CsvFiles> files_;
  const bool seekable_;
};

}  // namespace

Result<void> register_csv_files(duckdb_database database, std::shared_ptr<const CsvFiles> files) {
  auto done = register_file_system(database, ::duckdb::make_uniq<CsvFileSystem>(files, true));
  if (!done) return done;
  return register_file_system(database, ::duckdb::make_uniq<CsvFileSystem>(std::move(files), false));
}

}  // namespace offloader::duckdb
