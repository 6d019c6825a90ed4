#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "offloader/rows/columns.h"

namespace offloader::rows {

// What a JsonWriter writes into, and what it remembers from page to page. One writer at a time has it.
struct JsonBuffers {
  // The start of a column's label is copied whole, whatever its length: a copy whose length is known takes
  // two instructions.
  struct Label {
    char start[32];
    std::string text;  // `"name":`, with a comma before all but the first
  };
  // A day as it is written: there are few of them, and each is asked for again and again.
  struct Day {
    std::int32_t days;
    char text[12];
  };

  JsonBuffers();

  // Makes the labels of these columns, unless they are those of the last page.
  void label(const Columns& columns);

  std::string out;  // all of its size may be written to
  std::string scratch;
  std::vector<Label> labels;
  std::array<Day, 512> days;

 private:
  std::uint64_t labelled_shape_ = 0;
  std::vector<std::size_t> labelled_columns_;
};

// The calling thread's buffers, or new ones when a writer has them already.
[[nodiscard]] std::unique_ptr<JsonBuffers> lease_json_buffers();
void return_json_buffers(std::unique_ptr<JsonBuffers> buffers);

}  // namespace offloader::rows
