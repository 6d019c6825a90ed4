#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "offloader/rows/columns.h"

namespace offloader::rows {

// The output buffer of a JsonWriter and what it caches from page to page. Owned by one writer while it
// writes, else idle in the thread that returned it. One thread at a time.
struct JsonBuffers {
  // A column's name in the output. A short label is written by copying all of `start`, since a copy of a
  // constant length takes two instructions.
  struct Label {
    char start[32];
    std::string text;      // `"name":`, with a leading comma except in the first column
    bool as_text = false;  // the column's numbers are strings
  };
  // A formatted date. Answers contain few different dates, and each many times.
  struct Day {
    std::int32_t days;
    char text[12];
  };

  JsonBuffers();

  // Sets `labels` for these columns. Does nothing if they are those of the last page.
  void label(const Columns& columns);

  std::string out;  // write anywhere within its size
  std::string scratch;
  std::vector<Label> labels;
  std::array<Day, 512> days;  // by `days` modulo 512

 private:
  std::uint64_t labelled_shape_ = 0;
  std::vector<std::size_t> labelled_columns_;
};

// Returns the calling thread's idle buffers, or new ones if another writer has them.
[[nodiscard]] std::unique_ptr<JsonBuffers> lease_json_buffers();
// Keeps the buffers for the next writer of the calling thread, or frees them if it has some already.
void return_json_buffers(std::unique_ptr<JsonBuffers> buffers);

}  // namespace offloader::rows
