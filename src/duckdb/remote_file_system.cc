#include "remote_file_system.h"

#include <algorithm>
#include <duckdb.hpp>
#include <duckdb/common/file_opener.hpp>
#include <duckdb/common/open_file_info.hpp>
#include <duckdb/main/capi/capi_internal.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/storage/buffer_manager.hpp>

#include "duckdb_error.h"
#include "offloader/object_store/local_input.h"
#include "read_ahead.h"
#include "store_error.h"

namespace offloader::duckdb {
namespace {

using object_store::LocalInput;

constexpr const char* kScheme = "pinned://";
constexpr const char* kStoreError = "offloader_store_error";
constexpr const char* kOsError = "errno";  // as DuckDB's own file system has it

// Weak: a handle may be kept by a prepared statement, which its connection may survive.
using Context = ::duckdb::weak_ptr<::duckdb::ClientContext>;

std::function<bool()> interrupted_of(const Context& context) {
  return [context] {
    const auto alive = context.lock();
    return alive && alive->interrupted.load();
  };
}

[[noreturn]] void raise(const Error& error) {
  if (error.code == ErrorCode::cancelled) throw ::duckdb::InterruptException();
  // What is wrong with the data is no failure of the store.
  if (error.code == ErrorCode::corrupt) throw ::duckdb::InvalidInputException(error.detail);
  throw ::duckdb::IOException({{kStoreError, text_of_store_error(error)}}, text_of_store_error(error));
}

class PinnedHandle final : public ::duckdb::FileHandle {
 public:
  PinnedHandle(::duckdb::FileSystem& system, const ::duckdb::string& name, ::duckdb::FileOpenFlags open_flags,
               std::shared_ptr<const PinnedFiles> files, const PinnedFile& file,
               std::shared_ptr<InterruptWatch> watch, std::shared_ptr<executor::SourceWaits> waits,
               Context context)
      : FileHandle(system, name, open_flags),
        files_(std::move(files)),
        file_(file),
        watch_(std::move(watch)),
        waits_(std::move(waits)),
        context_(std::move(context)),
        ahead_(*files_, file_, [this](CancelFlag& cancel) { return during(cancel); }) {}

  void Close() override {}

  [[nodiscard]] const PinnedFile& file() const { return file_; }
  [[nodiscard]] ReadAhead& ahead() { return ahead_; }

  // Any thread.
  void read_at(char* buffer, std::uint64_t length, std::uint64_t offset) {
    CancelFlag cancel;
    Result<void> done;
    {
      const auto watched = during(cancel);
      done = files_->read(file_, offset, buffer, length, &cancel);
    }
    if (!done) raise(done.error());
  }

 private:
  // The interrupt is no longer watched when the end of the wait is told, which may block.
  struct Wait {
    Wait(InterruptWatch& watch, std::function<bool()> interrupted, CancelFlag& cancel,
         executor::SourceWaits* waits)
        : told(waits), interrupt(watch, std::move(interrupted), cancel) {}
    executor::SourceWaits::During told;
    InterruptWatch::During interrupt;
  };
  [[nodiscard]] std::shared_ptr<void> during(CancelFlag& cancel) {
    return std::make_shared<Wait>(*watch_, interrupted_of(context_), cancel, waits_.get());
  }

  const std::shared_ptr<const PinnedFiles> files_;
  const PinnedFile& file_;
  const std::shared_ptr<InterruptWatch> watch_;
  const std::shared_ptr<executor::SourceWaits> waits_;
  const Context context_;
  ReadAhead ahead_;
};

// A local file, open for as long as DuckDB has the handle: whatever is put under its name meanwhile is not
// read.
class LocalHandle final : public ::duckdb::FileHandle {
 public:
  LocalHandle(::duckdb::FileSystem& system, const ::duckdb::string& name, ::duckdb::FileOpenFlags open_flags,
              const PinnedFile& file, std::unique_ptr<const LocalInput> input)
      : FileHandle(system, name, open_flags), file_(file), input_(std::move(input)) {}

  void Close() override {}

  [[nodiscard]] const PinnedFile& file() const { return file_; }

  // Any thread.
  void read_at(char* buffer, std::uint64_t length, std::uint64_t offset) const {
    if (auto inside = file_.holds(offset, length); !inside) raise(inside.error());
    if (auto done = input_->read(offset, buffer, length); !done) raise(done.error());
  }

  // From front to back, one thread.
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
  // False is what makes the Parquet reader fetch whole columns at a time.
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
    return ::duckdb::make_uniq<PinnedHandle>(*this, info.path, flags, files_, *file, watch_, waits_,
                                             std::move(context));
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
  // DuckDB's cache trusts it. The files are pinned for as long as the instance lives, so that it only has to
  // be there.
  static std::string version_of(const PinnedFile& file) {
    return file.object.tag.empty() ? "pinned" : file.object.tag;
  }

  const std::shared_ptr<const PinnedFiles> files_;
  const std::shared_ptr<InterruptWatch> watch_;
  const std::shared_ptr<executor::SourceWaits> waits_;
};

// CSV files as CsvFiles has them. Every handle reads from front to back, or goes back to where it was.
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

// DuckDB asks the file system, not the file, whether one can seek: there is one for those where one can.
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
    // Decompressed or decoded, the size is known at the end only; DuckDB plans its tasks by this guess.
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

  // What is wrong with the file is no failure of the store.
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

DuckdbError facts_of(const ::duckdb::ErrorData& error) {
  static_assert(static_cast<int>(::duckdb::ExceptionType::IO) == DUCKDB_ERROR_IO);
  static_assert(static_cast<int>(::duckdb::ExceptionType::OUT_OF_MEMORY) == DUCKDB_ERROR_OUT_OF_MEMORY);
  DuckdbError out;
  out.type = static_cast<duckdb_error_type>(error.Type());
  out.text = error.Message();
  const auto& facts = error.ExtraInfo();
  if (const auto store = facts.find(kStoreError); store != facts.end()) out.store = store->second;
  if (const auto number = facts.find(kOsError); number != facts.end()) {
    out.os_error = static_cast<int>(std::strtol(number->second.c_str(), nullptr, 10));
  }
  return out;
}

Result<void> register_file_system(duckdb_database database,
                                  ::duckdb::unique_ptr<::duckdb::FileSystem> system) {
  try {
    const auto& wrapper = *reinterpret_cast<::duckdb::DatabaseWrapper*>(database);
    wrapper.database->instance->GetFileSystem().RegisterSubSystem(std::move(system));
    return {};
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, "The engine failed.", error.what());
  }
}

}  // namespace

DuckdbError error_of(duckdb_result& result) {
  const auto* data = static_cast<::duckdb::DuckDBResultData*>(result.internal_data);
  if (data != nullptr && data->result && data->result->HasError()) {
    return facts_of(data->result->GetErrorObject());
  }
  const char* text = duckdb_result_error(&result);
  return {duckdb_result_error_type(&result), text != nullptr ? text : "no text"};
}

DuckdbError error_of(duckdb_prepared_statement statement) {
  const auto* wrapper = reinterpret_cast<::duckdb::PreparedStatementWrapper*>(statement);
  if (wrapper == nullptr) return {DUCKDB_ERROR_INVALID, "no text"};
  if (wrapper->error_data.HasError()) return facts_of(wrapper->error_data);
  if (wrapper->statement && wrapper->statement->HasError()) return facts_of(wrapper->statement->error);
  return {DUCKDB_ERROR_INVALID, "no text"};
}

Result<void> register_csv_files(duckdb_database database, std::shared_ptr<const CsvFiles> files) {
  auto done = register_file_system(database, ::duckdb::make_uniq<CsvFileSystem>(files, true));
  if (!done) return done;
  return register_file_system(database, ::duckdb::make_uniq<CsvFileSystem>(std::move(files), false));
}

Result<void> register_pinned_files(duckdb_database database, std::shared_ptr<const PinnedFiles> files,
                                   std::shared_ptr<InterruptWatch> watch,
                                   std::shared_ptr<executor::SourceWaits> waits) {
  return register_file_system(
      database, ::duckdb::make_uniq<PinnedFileSystem>(std::move(files), std::move(watch), std::move(waits)));
}

bool set_memory_limit(duckdb_database database, std::uint64_t bytes) {
  try {
    const auto& wrapper = *reinterpret_cast<::duckdb::DatabaseWrapper*>(database);
    ::duckdb::BufferManager::GetBufferManager(*wrapper.database->instance).SetMemoryLimit(bytes);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace offloader::duckdb
