#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "offloader/base/descriptor.h"
#include "offloader/base/result.h"
#include "offloader/index/format.h"

namespace offloader::index {

// What the system's refusal of `what` (its errno, `code`) means to whoever builds: no_space or unavailable.
[[nodiscard]] Error index_not_written(int code, const std::string& what);

// An index file under construction: sections are appended one after another, then the header is put in front
// and the file takes its name. Until `publish` it is `<path>.tmp`, and the destructor removes it. One thread.
// Errors stick: after the first, appending does nothing and `publish` reports it (no_space, unavailable).
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void begin_section(Section kind, std::uint32_t column);
  void append(const void* data, std::size_t bytes);
  void end_section();
  // A section of these values and nothing else.
  template <typename T>
  void section(Section kind, std::uint32_t column, const std::vector<T>& values) {
    begin_section(kind, column);
    append(values.data(), values.size() * sizeof(T));
    end_section();
  }

  // Appends the directory, fills the header's sizes and hashes, syncs, renames.
  [[nodiscard]] Result<void> publish(Header header, const std::vector<ColumnEntry>& columns);

 private:
  void flush();
  void write_at_end(const void* data, std::size_t bytes);
  void align();
  void note_error(const char* what);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  Descriptor fd_;
  std::string buffer_;
  std::uint64_t size_ = 0;
  Hash hash_;
  std::vector<SectionEntry> sections_;
  bool failed_ = false;
  Error error_;
};

}  // namespace offloader::index
