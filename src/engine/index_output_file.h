#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "index_format.h"
#include "offloader/base/result.h"

namespace offloader::engine {

// What the system's refusal of `what` (its errno, `code`) means to whoever builds: no_space or unavailable.
[[nodiscard]] Error index_not_written(int code, const std::string& what);

// An index file under construction: sections are appended one after another, then the header is put in front
// and the file takes its name. Until `publish` it is `<path>.tmp`, and the destructor removes it. One thread.
// Errors stick: after the first, appending does nothing and `publish` reports it (no_space, unavailable).
class IndexOutputFile {
 public:
  explicit IndexOutputFile(std::filesystem::path path);
  ~IndexOutputFile();
  IndexOutputFile(const IndexOutputFile&) = delete;
  IndexOutputFile& operator=(const IndexOutputFile&) = delete;

  void begin_section(IndexSection kind, std::uint32_t column);
  void append(const void* data, std::size_t bytes);
  void end_section();
  // A section of these values and nothing else.
  template <typename T>
  void section(IndexSection kind, std::uint32_t column, const std::vector<T>& values) {
    begin_section(kind, column);
    append(values.data(), values.size() * sizeof(T));
    end_section();
  }

  // Appends the directory, fills the header's sizes and hashes, syncs, renames.
  [[nodiscard]] Result<void> publish(IndexHeader header, const std::vector<IndexColumnEntry>& columns);

 private:
  void flush();
  void write_at_end(const void* data, std::size_t bytes);
  void align();
  void note_error(const char* what);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  std::string buffer_;
  std::uint64_t size_ = 0;
  IndexHash hash_;
  std::vector<IndexSectionEntry> sections_;
  bool failed_ = false;
  Error error_;
};

}  // namespace offloader::engine
