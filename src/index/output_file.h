#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "offloader/base/descriptor.h"
#include "offloader/base/result.h"
#include "offloader/index/format.h"

namespace offloader::index {

// The error of a build for a failed system call: `no_space` if the errno `code` says that the disk or the
// quota is full, else `unavailable`. `what` describes the call.
[[nodiscard]] Error index_not_written(int code, const std::string& what);

// Writes an index file: sections are appended one after another, then publish() writes the header and renames
// the file into place. Until then it is `<path>.tmp`, which the destructor removes. One thread. Errors stick:
// after the first one appending does nothing, and publish() returns it (`no_space`, `unavailable`).
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void begin_section(Section kind, std::uint32_t column);
  void append(const void* data, std::size_t bytes);
  void end_section();
  // Appends a section that consists of these values.
  template <typename T>
  void section(Section kind, std::uint32_t column, const std::vector<T>& values) {
    begin_section(kind, column);
    append(values.data(), values.size() * sizeof(T));
    end_section();
  }

  // Appends the directory, fills in the header's sizes and hashes, syncs the file, renames it, and syncs its
  // folder. Requires: called once.
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
