#include "pinned_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <span>

#include "offloader/base/crypto.h"
#include "offloader/base/thread.h"
#include "offloader/base/url.h"
#include "offloader/base/url_text.h"
#include "offloader/object_store/content_encoding.h"
#include "offloader/object_store/local_input.h"
#include "offloader/object_store/store_options.h"
#include "parquet_pages.h"

namespace offloader::duckdb {
namespace {

constexpr std::size_t kOpenAtOnce = 16;
// The most that is kept of the end of one Parquet file, in bytes.
constexpr std::uint64_t kLongestTail = 16 << 20;
// A read is split into this many parallel requests, but none shorter than kShortestPart or longer than
// kLongestPart, in bytes.
constexpr std::uint64_t kParts = 4;
constexpr std::uint64_t kShortestPart = 1 << 20;
constexpr std::uint64_t kLongestPart = 8 << 20;

std::string ending_of(const manifest::ResolvedFile& file) {
  std::string name = file.location;
  if (is_web_url(name)) name = name.substr(0, name.find_first_of("?#"));
  if (file.declared.format == manifest::FileFormat::parquet) return ".parquet";
  for (const char* const compression : {".gz", ".zst"}) {
    if (name.ends_with(compression)) return std::string(".csv") + compression;
  }
  return ".csv";
}

executor::Refused refused(const manifest::DataFile& declared, const char* code, std::string message) {
  catalog::Finding finding;
  finding.file = without_query(declared.path);
  finding.code = code;
  finding.message = std::move(message);
  return {{ErrorCode::rejected, "The snapshot's files do not match its manifest.", {}}, {std::move(finding)}};
}

executor::Refused unreadable(const manifest::DataFile& declared, Error error) {
  if (error.code == ErrorCode::rejected) {
    return refused(declared, "origin_not_allowed", "The file's address is not allowed: " + error.message);
  }
  const std::string name = without_query(declared.path);
  error.message = fmt::format("The file {} cannot be read: {}", name, error.message);
  return {std::move(error), {}};
}

// The bytes at the end of a Parquet file that are read before the length of its footer is known. At least as
// many as DuckDB reads then, which are in its cache: of a chunk that ends among them, it reads only the
// others, and the check needs both.
std::uint64_t first_tail(std::uint64_t file_size) {
  constexpr std::uint64_t kDuckdbLeast = 16 * 1024;
  constexpr std::uint64_t kDuckdbMost = 256 * 1024;
  constexpr std::uint64_t kLeast = 64 * 1024;
  const auto duckdb = std::bit_ceil(std::clamp(file_size / 1000, kDuckdbLeast, kDuckdbMost));
  return std::min(file_size, std::max(kLeast, duckdb));
}

bool has_long_footer(const PinnedFile& file) {
  return file.footer + kFooterTrailer > kLongestTail;
}

}  // namespace

tl::expected<std::shared_ptr<const PinnedFiles>, executor::Refused> PinnedFiles::open(
    std::shared_ptr<object_store::ObjectStore> store, const std::vector<manifest::ResolvedFile>& files,
    const RemoteAccess& access, const Use& use) {
  const std::shared_ptr<PinnedFiles> opened(new PinnedFiles(use));
  opened->store_ = std::move(store);
  opened->policy_ = access.policy;
  opened->resolved_ = files;
  std::vector<std::size_t> of;  // index in `files`, by pinned file
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
        executor::Refused{{ErrorCode::unavailable, "Remote files cannot be read here.", {}}, {}});
  }

  for (std::size_t i = 0; i < of.size(); ++i) opened->places_.emplace(opened->pinned_[i].path, i);

  std::vector<std::optional<executor::Refused>> failures(of.size());
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::atomic<std::uint64_t> kept{0};
  const auto work = [&] {
    for (std::size_t i = next.fetch_add(1); i < of.size() && !failed.load(); i = next.fetch_add(1)) {
      auto& file = opened->pinned_[i];
      failures[i] = opened->pin(file, files[of[i]].declared, access.cancel);
      const std::uint64_t tail = file.tail.size();
      if (kept.fetch_add(tail) + tail > use.tail_bytes) {
        kept.fetch_sub(tail);
        std::string().swap(file.tail);
      }
      if (failures[i] && failures[i]->findings.empty()) failed.store(true);
      if (!failures[i] && access.waits != nullptr) access.waits->came();
    }
  };
  const ThreadBudget::Loan helpers(use.helpers, std::min(kOpenAtOnce, of.size()) - 1);
  if (auto ran = run_side_by_side(helpers.threads(), "open-files", work); !ran)
    return tl::unexpected(executor::Refused{std::move(ran.error()), {}});

  // One after the other, so that no more than one of these footers is in memory.
  for (std::size_t i = 0; i < of.size() && !failed.load(); ++i) {
    auto& file = opened->pinned_[i];
    if (failures[i] || !has_long_footer(file)) continue;
    failures[i] = opened->pin_pages(file, files[of[i]].declared, access.cancel);
    if (failures[i] && failures[i]->findings.empty()) failed.store(true);
    if (access.waits != nullptr) access.waits->came();
  }

  std::optional<executor::Refused> refusal;
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
  return opened;
}

Result<void> PinnedFile::holds(std::uint64_t offset, std::uint64_t length) const {
  if (offset <= object.size && length <= object.size - offset) return {};
  return fail(
      ErrorCode::corrupt, "A data file is damaged.",
      fmt::format("it refers to bytes {} to {}, but has only {}", offset, offset + length, object.size));
}

const PinnedFile* PinnedFiles::find(std::string_view path) const {
  const auto found = places_.find(path);
  return found == places_.end() ? nullptr : &pinned_[found->second];
}

std::optional<executor::Refused> PinnedFiles::pin(PinnedFile& file, const manifest::DataFile& declared,
                                                  const CancelFlag* cancel) {
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
    return refused(
        declared, "unsupported_encoding",
        fmt::format("The object has the Content-Encoding {}, so its bytes are not those of the file. "
                    "Store it without a Content-Encoding.",
                    info->encoding.substr(0, 40)));
  }
  if (declared.size_bytes && static_cast<std::uint64_t>(*declared.size_bytes) != info->size) {
    return refused(declared, "size_mismatch",
                   fmt::format("The file has {} bytes, but the manifest declares {}.", info->size,
                               *declared.size_bytes));
  }
  if (declared.format != manifest::FileFormat::parquet) {
    file.checks = PageChecks::none;
  } else if (file.local) {
    file.checks = PageChecks::in_advance;
  } else {
    return pin_tail(file, declared, cancel);
  }
  return std::nullopt;
}

std::optional<executor::Refused> PinnedFiles::pin_tail(PinnedFile& file, const manifest::DataFile& declared,
                                                       const CancelFlag* cancel) {
  const std::uint64_t size = file.object.size;
  const auto take = [&](std::uint64_t length) -> Result<void> {
    std::string tail(length, '\0');
    const std::uint64_t missing = length - file.tail.size();
    std::memcpy(tail.data() + missing, file.tail.data(), file.tail.size());
    if (auto done = fetch(file, size - length, tail.data(), missing, cancel); !done) return done;
    file.tail = std::move(tail);
    file.tail_offset = size - length;
    return {};
  };
  if (auto done = take(first_tail(size)); !done) {
    return unreadable(declared, std::move(done.error()));
  }
  const auto footer = footer_length(file.tail, size);
  if (!footer) return std::nullopt;
  if (*footer > kLongestFooter) {
    return refused(declared, "schema_data_mismatch", oversized_footer_reason(*footer));
  }
  file.footer = *footer;
  if (has_long_footer(file)) return std::nullopt;  // open() reads it
  if (const std::uint64_t needed = *footer + kFooterTrailer; needed > file.tail.size()) {
    if (auto done = take(needed); !done) return unreadable(declared, std::move(done.error()));
  }
  return pin_pages(file, declared, cancel);
}

std::optional<executor::Refused> PinnedFiles::pin_pages(PinnedFile& file, const manifest::DataFile& declared,
                                                        const CancelFlag* cancel) {
  auto map = parse_footer(file, cancel);
  if (!map) return unreadable(declared, std::move(map.error()));
  if (*map == nullptr) return std::nullopt;
  if (!(*map)->schema_problems.empty()) {
    const auto& problem = (*map)->schema_problems.front();
    return refused(declared, "schema_data_mismatch",
                   fmt::format("Column {}: {}", (*map)->columns[problem.column], problem.text));
  }
  file.checks = PageChecks::on_arrival;
  maps_.put(static_cast<std::size_t>(&file - pinned_.data()), std::move(*map));
  return std::nullopt;
}

Result<PageMapCache::Map> PinnedFiles::parse_footer(const PinnedFile& file, const CancelFlag* cancel) const {
  const std::uint64_t offset = file.object.size - kFooterTrailer - file.footer;
  std::string fetched;
  std::string_view footer;
  if (!file.tail.empty() && offset >= file.tail_offset) {
    footer = std::string_view(file.tail).substr(offset - file.tail_offset, file.footer);
  } else {
    fetched.resize(file.footer);
    if (auto done = fetch(file, offset, fetched.data(), file.footer, cancel); !done) {
      return fail(std::move(done.error()));
    }
    footer = fetched;
  }
  auto map = page_map(footer, file.object.size);
  if (!map) return nullptr;
  return std::make_shared<const PageMap>(std::move(*map));
}

Result<void> PinnedFiles::fetch(const PinnedFile& file, std::uint64_t offset, char* buffer,
                                std::uint64_t length, const CancelFlag* cancel) const {
  const std::uint64_t end = offset + length;
  if (!file.tail.empty() && end > file.tail_offset) {
    const std::uint64_t from = std::max(offset, file.tail_offset);
    std::memcpy(buffer + (from - offset), file.tail.data() + (from - file.tail_offset), end - from);
    length = from - offset;
  }
  if (length == 0) return {};
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
  return store_->read(file.object.url, {offset, length}, buffer, file.object.tag, call);
}

Result<void> PinnedFiles::read(const PinnedFile& file, std::uint64_t offset, char* buffer,
                               std::uint64_t length, const CancelFlag* cancel) const {
  if (auto inside = file.holds(offset, length); !inside) return inside;
  if (auto done = fetch(file, offset, buffer, length, cancel); !done) return done;
  switch (file.checks) {
    case PageChecks::none:
    case PageChecks::in_advance:
      return {};
    case PageChecks::on_arrival:
      return check(file, offset, {buffer, length}, cancel);
    case PageChecks::impossible:
      break;
  }
  // DuckDB may read the end of the file, to say what is wrong with it.
  const std::uint64_t before_end = file.object.size - offset;
  if (before_end <= std::max(file.footer + kFooterTrailer, first_tail(file.object.size))) return {};
  return fail(ErrorCode::corrupt, "A data file is damaged.", malformed_footer_reason());
}

Result<void> PinnedFiles::check(const PinnedFile& file, std::uint64_t offset, std::string_view bytes,
                                const CancelFlag* cancel) const {
  const auto map =
      maps_.get(static_cast<std::size_t>(&file - pinned_.data()), [&]() -> Result<PageMapCache::Map> {
        auto parsed = parse_footer(file, cancel);
        if (!parsed || *parsed != nullptr) return parsed;
        return fail(ErrorCode::corrupt, "A data file is damaged.", malformed_footer_reason());
      });
  if (!map) return fail(map.error());
  const auto page = damaged_page_in(**map, file.object.size, offset, bytes,
                                    [&](std::uint64_t at, char* buffer, std::uint64_t length) {
                                      return fetch(file, at, buffer, length, cancel);
                                    });
  if (!page) return fail(page.error());
  if (*page) return fail(ErrorCode::corrupt, "A data file is damaged.", (**page).text);
  return {};
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

}  // namespace offloader::duckdb
