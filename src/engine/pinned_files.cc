#include "pinned_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <span>

#include "offloader/base/crypto.h"
#include "offloader/base/thread.h"
#include "offloader/base/url_text.h"
#include "offloader/object_store/content_encoding.h"
#include "offloader/object_store/local_input.h"
#include "offloader/object_store/store_options.h"

namespace offloader::engine {
namespace {

constexpr std::size_t kOpenAtOnce = 16;
// What is read of a Parquet file's end before its footer's length is known, and the most that is kept.
constexpr std::uint64_t kFirstTail = 64 * 1024;
constexpr std::uint64_t kLongestTail = 16 << 20;
constexpr std::uint64_t kAllTails = 128 << 20;
constexpr std::string_view kMagic = "PAR1";
// A read is cut in so many requests side by side where its parts do not become shorter than this.
constexpr std::uint64_t kParts = 4;
constexpr std::uint64_t kShortestPart = 1 << 20;
constexpr std::uint64_t kLongestPart = 8 << 20;

std::string ending_of(const manifest::ResolvedFile& file) {
  std::string name = file.location;
  if (name.starts_with("http://") || name.starts_with("https://"))
    name = name.substr(0, name.find_first_of("?#"));
  if (file.declared.format == manifest::FileFormat::parquet) return ".parquet";
  for (const char* const compression : {".gz", ".zst"}) {
    if (name.ends_with(compression)) return std::string(".csv") + compression;
  }
  return ".csv";
}

BuildFailure refused(const manifest::DataFile& declared, const char* code, std::string message) {
  catalog::Finding finding;
  finding.file = without_query(declared.path);
  finding.code = code;
  finding.message = std::move(message);
  return {{ErrorCode::rejected, "The snapshot's files are not those of its manifest.", {}},
          {std::move(finding)}};
}

BuildFailure unreadable(const manifest::DataFile& declared, Error error) {
  if (error.code == ErrorCode::rejected) {
    return refused(declared, "origin_not_allowed", "the file's address is not allowed: " + error.message);
  }
  const std::string name = without_query(declared.path);
  error.message = fmt::format("the file {} cannot be read: {}", name, error.message);
  return {std::move(error), {}};
}

}  // namespace

tl::expected<std::shared_ptr<const PinnedFiles>, BuildFailure> PinnedFiles::open(
    std::shared_ptr<object_store::ObjectStore> store, const std::vector<manifest::ResolvedFile>& files,
    const RemoteAccess& access, const Use& use) {
  const std::shared_ptr<PinnedFiles> opened(new PinnedFiles());
  opened->store_ = std::move(store);
  opened->policy_ = access.policy;
  opened->use_ = use;
  opened->resolved_ = files;
  std::vector<std::size_t> of;  // the index of each pinned file in `files`
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!files[i].remote && !use.local) continue;
    PinnedFile file;
    file.path = fmt::format("pinned://{}{}", i, ending_of(files[i]));
    file.object.url = files[i].location;
    file.local = !files[i].remote;
    opened->resolved_[i].location = file.path;
    opened->pinned_.push_back(std::move(file));
    of.push_back(i);
  }
  if (opened->pinned_.empty()) return opened;
  if (!opened->store_ && opened->any_remote()) {
    return tl::unexpected(
        BuildFailure{{ErrorCode::unavailable, "Remote files cannot be read here.", {}}, {}});
  }

  std::vector<std::optional<BuildFailure>> failures(of.size());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&] {
    for (std::size_t i = next.fetch_add(1); i < of.size() && !failed.load(); i = next.fetch_add(1)) {
      failures[i] = opened->pin(opened->pinned_[i], files[of[i]].declared, access.cancel);
      if (failures[i] && failures[i]->findings.empty()) failed.store(true);
      if (!failures[i] && access.waits != nullptr) access.waits->came();
    }
  };
  const ThreadBudget::Loan helpers(use.helpers, std::min(kOpenAtOnce, of.size()) - 1);
  if (auto ran = run_side_by_side(helpers.threads(), "open-files", work); !ran)
    return tl::unexpected(BuildFailure{std::move(ran.error()), {}});

  std::optional<BuildFailure> refusal;
  for (auto& failure : failures) {
    if (!failure) continue;
    if (failure->findings.empty()) return tl::unexpected(std::move(*failure));
    if (!refusal) {
      refusal = std::move(*failure);
    } else {
      refusal->findings.insert(refusal->findings.end(), failure->findings.begin(), failure->findings.end());
    }
  }
  if (refusal) return tl::unexpected(std::move(*refusal));
  std::uint64_t kept = 0;
  for (auto& file : opened->pinned_) {
    kept += file.tail.size();
    if (kept > kAllTails) {
      file.tail = {};
      file.pages = {};
    }
  }
  return opened;
}

Result<void> PinnedFile::holds(std::uint64_t offset, std::uint64_t length) const {
  if (offset <= object.size && length <= object.size - offset) return {};
  return fail(
      ErrorCode::corrupt, "A data file is damaged.",
      fmt::format("it refers to bytes from {} to {}, and has {}", offset, offset + length, object.size));
}

const PinnedFile* PinnedFiles::find(std::string_view path) const {
  const auto found = std::ranges::find(pinned_, path, &PinnedFile::path);
  return found == pinned_.end() ? nullptr : &*found;
}

std::optional<BuildFailure> PinnedFiles::pin(PinnedFile& file, const manifest::DataFile& declared,
                                             const CancelFlag* cancel) const {
  const auto described = [&]() -> Result<object_store::ObjectInfo> {
    if (file.local) {
      auto input = object_store::LocalInput::open(file.object.url);
      if (!input) return fail(std::move(input.error()));
      return (*input)->info();
    }
    object_store::ObjectStore::Call call;
    call.cancel = cancel;
    call.policy = &policy_;
    return store_->stat(file.object.url, call);
  };
  auto info = described();
  if (!info) return unreadable(declared, std::move(info.error()));
  file.object.size = info->size;
  file.object.tag = std::move(info->tag);
  file.object.modified = info->modified;
  if (!object_store::encoding_fits_name(info->encoding, file.object.url)) {
    return refused(declared, "unsupported_encoding",
                   fmt::format("the object has the Content-Encoding {}, so that its bytes are not those of "
                               "the file: store it without one",
                               info->encoding.substr(0, 40)));
  }
  if (declared.size_bytes && static_cast<std::uint64_t>(*declared.size_bytes) != info->size) {
    return refused(
        declared, "size_mismatch",
        fmt::format("the file has {} bytes, the manifest says {}", info->size, *declared.size_bytes));
  }
  if (file.local || declared.format != manifest::FileFormat::parquet) return std::nullopt;
  if (auto kept = keep_tail(file, cancel); !kept) return unreadable(declared, std::move(kept.error()));
  if (!file.pages.schema_problems.empty()) {
    const auto& problem = file.pages.schema_problems.front();
    return refused(declared, "schema_data_mismatch",
                   fmt::format("column {}: {}", file.pages.columns[problem.column], problem.text));
  }
  return std::nullopt;
}

Result<void> PinnedFiles::keep_tail(PinnedFile& file, const CancelFlag* cancel) const {
  const std::uint64_t size = file.object.size;
  const auto take = [&](std::uint64_t length) -> Result<void> {
    std::string tail(length, '\0');
    const std::uint64_t missing = length - file.tail.size();
    std::memcpy(tail.data() + missing, file.tail.data(), file.tail.size());
    if (auto done = read(file, size - length, tail.data(), missing, cancel); !done) return done;
    file.tail = std::move(tail);
    file.tail_offset = size - length;
    return {};
  };
  if (auto done = take(std::min(size, kFirstTail)); !done) return done;
  // Whatever is no Parquet file is told by DuckDB.
  if (file.tail.size() < 12 || !std::string_view(file.tail).ends_with(kMagic)) return {};
  std::uint32_t footer = 0;  // little-endian, as every machine that DuckDB runs on
  std::memcpy(&footer, file.tail.data() + file.tail.size() - 8, sizeof footer);
  const std::uint64_t needed = std::uint64_t{footer} + 8;
  if (needed > std::min(size, kLongestTail)) return {};
  if (needed > file.tail.size()) {
    if (auto done = take(needed); !done) return done;
  }
  file.pages = page_map(std::string_view(file.tail).substr(file.tail.size() - needed, footer), size);
  return {};
}

Result<void> PinnedFiles::read(const PinnedFile& file, std::uint64_t offset, char* buffer,
                               std::uint64_t length, const CancelFlag* cancel) const {
  if (auto inside = file.holds(offset, length); !inside) return inside;
  const std::uint64_t end = offset + length;
  if (!file.tail.empty() && end > file.tail_offset) {
    const std::uint64_t from = std::max(offset, file.tail_offset);
    std::memcpy(buffer + (from - offset), file.tail.data() + (from - file.tail_offset), end - from);
    length = from - offset;
  }
  const auto checked = [&]() -> Result<void> {
    if (const auto page = damaged_page_in(file.pages, offset, {buffer, end - offset})) {
      return fail(ErrorCode::corrupt, "A data file is damaged.", page->text);
    }
    return {};
  };
  if (length == 0) return checked();
  if (file.local) {
    const auto input = object_store::LocalInput::open(file.object);
    if (!input) return fail(input.error());
    return (*input)->read(offset, buffer, length);
  }
  object_store::ObjectStore::Call call;
  call.deadline = use_.deadline;
  if (use_.least_rate > 0) call.deadline += std::chrono::seconds(length / use_.least_rate);
  call.cancel = cancel;
  call.policy = &policy_;
  call.request_limit = std::clamp((length + kParts - 1) / kParts, kShortestPart, kLongestPart);
  const std::function<void()> came = [this] { use_.waits->came(); };
  if (use_.waits) call.came = &came;
  if (auto done = store_->read(file.object.url, {offset, length}, buffer, file.object.tag, call); !done) {
    return done;
  }
  return checked();
}

std::string PinnedFiles::fingerprint() const {
  std::string text;
  for (std::size_t i = 0, at = 0; i < resolved_.size(); ++i) {
    if (at < pinned_.size() && pinned_[at].path == resolved_[i].location) {
      const auto& object = pinned_[at++].object;
      text += fmt::format("{} {}\n", object.size,
                          object.tag.empty() ? fmt::format("{} {}", object_store::redact_url(object.url),
                                                           object.modified.time_since_epoch().count())
                                             : object.tag);
    } else {
      std::error_code error;
      const auto size = std::filesystem::file_size(resolved_[i].location, error);
      const auto time = std::filesystem::last_write_time(resolved_[i].location, error);
      text += fmt::format("{} {} {}\n", resolved_[i].location, size, time.time_since_epoch().count());
    }
  }
  const auto digest = sha256(text);
  return to_hex(std::span(digest).first(16));
}

}  // namespace offloader::engine
