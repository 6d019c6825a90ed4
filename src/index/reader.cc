#include "offloader/index/reader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "offloader/base/descriptor.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::corrupt, "the index is damaged", what);
}

// The error of a system call that failed with `errno`.
tl::unexpected<Error> not_opened(const std::filesystem::path& path) {
  const int error = errno;
  ErrorCode code = ErrorCode::unavailable;
  if (error == ENOENT) code = ErrorCode::not_found;
  if (error == EMFILE || error == ENFILE || error == ENOMEM || error == EAGAIN) code = ErrorCode::busy;
  return fail(code, "the index cannot be opened",
              path.string() + ": " + std::generic_category().message(error));
}

constexpr std::size_t kVerifyWindow = 8 << 20;

}  // namespace

Result<std::shared_ptr<const Reader>> Reader::open(const std::filesystem::path& path,
                                                   std::span<const catalog::Column> schema, Verify verify) {
  std::shared_ptr<Reader> reader(new Reader());
  if (auto mapped = reader->map(path); !mapped) return fail(std::move(mapped).error());
  if (auto read = reader->read_directory(); !read) return fail(std::move(read).error());
  if (verify == Verify::everything && !reader->hashes_match())
    return damaged("the hash of a section does not match");
  if (reader->broken()) return damaged("a page cannot be read");
  reader->by_position_.assign(schema.size(), nullptr);
  for (std::size_t i = 0; i < schema.size(); ++i) {
    for (const Column& column : reader->columns_) {
      if (column.name == schema[i].name && column.type == schema[i].type) reader->by_position_[i] = &column;
    }
  }
  return std::shared_ptr<const Reader>(std::move(reader));
}

Error Reader::broken_error() {
  return {ErrorCode::unavailable, "The index is damaged.", "a page cannot be read"};
}

Reader::~Reader() {
  guard_.unregister_mapping();
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

Result<void> Reader::map(const std::filesystem::path& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return not_opened(path);
  if (!S_ISREG(status.st_mode) || status.st_size < std::int64_t{sizeof(Header)})
    return damaged("not a regular file, or too short");
  size_ = static_cast<std::size_t>(status.st_size);
  void* const mapping = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (mapping == MAP_FAILED) return not_opened(path);
  // Only a hint, which most file systems ignore: see kBufferBytes in output_file.cc.
  (void)::madvise(mapping, size_, MADV_HUGEPAGE);
  data_ = static_cast<const std::byte*>(mapping);
  guard_.register_mapping(data_, size_);
  return {};
}

Result<void> Reader::read_directory() {
  std::memcpy(&header_, data_, sizeof header_);
  if (std::memcmp(header_.magic, kMagic, sizeof header_.magic) != 0)
    return damaged("it is not an index file");
  if (header_.version != kVersion) return damaged("it has an unsupported version");
  if (header_.header_hash != hash_of(&header_, offsetof(Header, header_hash)))
    return damaged("the hash of the header does not match");
  if (header_.header_bytes != sizeof header_ || header_.file_bytes != size_ ||
      header_.block_rows != kBlockRows) {
    return damaged("the header does not fit the file");
  }
  if (header_.rows > kMaxRows || header_.columns > kMaxColumns || header_.sections > kMaxColumns * 8 ||
      header_.sort_columns > kMaxSortColumns) {
    return damaged("the header has impossible counts");
  }
  const std::uint64_t column_bytes = header_.columns * sizeof(ColumnEntry);
  if (header_.directory_bytes != column_bytes + header_.sections * sizeof(SectionEntry) ||
      header_.directory_offset > size_ || header_.directory_bytes > size_ - header_.directory_offset) {
    return damaged("the directory is out of bounds");
  }
  const std::byte* directory = data_ + header_.directory_offset;
  if (hash_of(directory, header_.directory_bytes) != header_.directory_hash)
    return damaged("the hash of the directory does not match");
  for (std::size_t i = 0; i < header_.columns; ++i) {
    ColumnEntry entry;
    std::memcpy(&entry, directory + i * sizeof entry, sizeof entry);
    const auto type = catalog::column_type_of(entry.type, entry.precision, entry.scale);
    if (!type) return damaged("a column has an unknown type");
    Column column;
    column.name.assign(entry.name, ::strnlen(entry.name, sizeof entry.name));
    column.type = *type;
    column.width = entry.width;
    column.nullable = entry.nullable != 0;
    column.base = entry.base;
    column.max_key = entry.max_key;
    column.null_key = entry.null_key;
    column.nulls = entry.nulls;
    column.entries = entry.entries;
    columns_.push_back(std::move(column));
  }
  for (std::size_t i = 0; i < header_.sections; ++i) {
    SectionEntry section;
    std::memcpy(&section, directory + column_bytes + i * sizeof section, sizeof section);
    if (section.column >= columns_.size() || section.offset % kAlignment != 0 || section.offset > size_ ||
        section.bytes > size_ - section.offset || !place_section(section)) {
      return damaged("a section is out of bounds");
    }
    sections_.push_back(section);
  }
  for (Column& column : columns_) {
    if (column.dictionary.escaped.offsets == nullptr) column.dictionary.escaped = column.dictionary.texts;
    if (!column_complete(column) || !texts_complete(column.dictionary.texts) ||
        !texts_complete(column.dictionary.escaped)) {
      return damaged("a column is incomplete");
    }
  }
  for (std::size_t i = 0; i < header_.sort_columns; ++i) {
    if (header_.sort_column[i] >= columns_.size()) return damaged("a sort column is invalid");
    const Column& column = columns_[header_.sort_column[i]];
    if (column.type == ColumnType::json) return damaged("a sort column is invalid");
    sort_columns_.push_back(&column);
  }
  if (!place_runs()) return damaged("the directory of runs is invalid");
  return {};
}

// Sets the run directory from its sections. Returns false if some of them are missing or their sizes do not
// match. Requires: the columns and the sort columns are set.
bool Reader::place_runs() {
  const auto is_run_section = [](const SectionEntry& section) {
    const auto kind = static_cast<Section>(section.kind);
    return kind == Section::run_keys || kind == Section::run_starts || kind == Section::directory_runs ||
           kind == Section::run_sums;
  };
  if (std::ranges::none_of(sections_, is_run_section)) return true;
  if (sort_columns_.size() < 2) return false;
  const Column& first = *sort_columns_[0];
  const Column& second = *sort_columns_[1];
  if (first.type == ColumnType::float64 || second.type == ColumnType::float64) return false;
  const auto find = [&](Section kind, const Column& column) -> const SectionEntry* {
    const auto found = std::ranges::find_if(sections_, [&](const SectionEntry& section) {
      return static_cast<Section>(section.kind) == kind && &columns_[section.column] == &column;
    });
    return found == sections_.end() ? nullptr : &*found;
  };
  const SectionEntry* const keys = find(Section::run_keys, second);
  const SectionEntry* const starts = find(Section::run_starts, second);
  const SectionEntry* const of_directory = find(Section::directory_runs, first);
  if (keys == nullptr || starts == nullptr || of_directory == nullptr) return false;
  const std::uint64_t count = keys->bytes / second.width;
  if (count > header_.rows || keys->bytes != count * second.width || starts->bytes != (count + 1) * 4 ||
      first.directory_keys == nullptr || of_directory->bytes != (first.directory_count + 1) * 4) {
    return false;
  }
  for (const SectionEntry& section : sections_) {
    if (static_cast<Section>(section.kind) != Section::run_sums) continue;
    Column& column = columns_[section.column];
    const bool whole = column.type == ColumnType::integer || column.type == ColumnType::bigint ||
                       column.type == ColumnType::decimal;
    if (!whole || column.nullable || section.bytes != count * 8) return false;
    column.run_sums = reinterpret_cast<const std::uint64_t*>(data_ + section.offset);
  }
  runs_ = {&second, data_ + keys->offset, reinterpret_cast<const std::uint32_t*>(data_ + starts->offset),
           reinterpret_cast<const std::uint32_t*>(data_ + of_directory->offset),
           static_cast<std::uint32_t>(count)};
  return true;
}

// Whether the bytes are as many as the offsets say. A reader of single texts takes what lies beyond the bytes
// for empty.
bool Reader::texts_complete(const rows::PackedTexts& texts) {
  if (texts.offsets == nullptr) return true;
  std::uint64_t end = 0;
  std::memcpy(&end, texts.offsets + texts.count * texts.offset_width, texts.offset_width);
  return end == texts.byte_count;
}

bool Reader::place_section(const SectionEntry& section) {
  Column& column = columns_[section.column];
  const std::byte* at = data_ + section.offset;
  const auto place_offsets = [&](rows::PackedTexts& texts) {
    const std::uint64_t count = column.type == ColumnType::json ? header_.rows : column.entries;
    if (count >= (1ULL << 40)) return false;
    texts.offset_width = section.bytes == (count + 1) * 8 ? 8 : 4;
    texts.offsets = at;
    texts.count = count;
    return section.bytes == (count + 1) * texts.offset_width;
  };
  switch (static_cast<Section>(section.kind)) {
    case Section::values:
      column.values = at;
      return section.bytes == header_.rows * column.width;
    case Section::bounds:
      column.bounds = reinterpret_cast<const std::uint64_t*>(at);
      return section.bytes == (header_.rows + kBlockRows - 1) / kBlockRows * 16;
    case Section::text_offsets:
      return place_offsets(column.dictionary.texts);
    case Section::escaped_offsets:
      return place_offsets(column.dictionary.escaped);
    case Section::text_bytes:
      column.dictionary.texts.bytes = reinterpret_cast<const char*>(at);
      column.dictionary.texts.byte_count = section.bytes;
      return true;
    case Section::escaped_bytes:
      column.dictionary.escaped.bytes = reinterpret_cast<const char*>(at);
      column.dictionary.escaped.byte_count = section.bytes;
      return true;
    case Section::directory_keys:
      column.directory_keys = reinterpret_cast<const std::uint64_t*>(at);
      column.directory_count = section.bytes / 8;
      return section.bytes % 8 == 0;
    case Section::directory_starts:
      column.directory_starts = reinterpret_cast<const std::uint64_t*>(at);
      return section.bytes == (column.directory_count + 1) * 8;
    case Section::run_keys:
    case Section::run_starts:
    case Section::directory_runs:
    case Section::run_sums:
      return true;  // place_runs() needs all columns
  }
  return false;
}

bool Reader::column_complete(const Column& column) const {
  const bool texts_needed = column.type == ColumnType::varchar || column.type == ColumnType::uuid ||
                            column.type == ColumnType::json;
  if (texts_needed &&
      (column.dictionary.texts.offsets == nullptr || column.dictionary.texts.bytes == nullptr))
    return false;
  if (column.dictionary.escaped.offsets != nullptr && column.dictionary.escaped.bytes == nullptr)
    return false;
  if ((column.directory_keys == nullptr) != (column.directory_starts == nullptr)) return false;
  if (column.type == ColumnType::json) return true;
  const bool known_width = column.width == 1 || column.width == 2 || column.width == 4 || column.width == 8;
  if (!known_width || (column.type == ColumnType::float64 && column.width != 8)) return false;
  if (column.nullable && column.null_key <= column.max_key) return false;
  return column.values != nullptr && column.bounds != nullptr;
}

bool Reader::hashes_match() const {
  for (const SectionEntry& section : sections_) {
    Hash hash;
    for (std::uint64_t done = 0; done < section.bytes;) {
      const auto window = std::min<std::uint64_t>(kVerifyWindow, section.bytes - done);
      hash.update(data_ + section.offset + done, window);
      done += window;
      if (window == kVerifyWindow) release_pages();
    }
    if (hash.value() != section.hash) return false;
  }
  release_pages();
  return true;
}

void Reader::release_pages() const {
  // Only a hint: if it fails, the pages stay resident.
  (void)::madvise(const_cast<std::byte*>(data_), size_, MADV_DONTNEED);
}

}  // namespace offloader::index
