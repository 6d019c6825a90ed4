#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "offloader/catalog/sized_type.h"

// Messages of an Arrow IPC stream (Arrow Columnar Format 1.5, "Serialization and Interprocess
// Communication"). Their metadata are flatbuffers, which are built here without generated code, from the few
// tables that we need of Message.fbs and Schema.fbs. Pure.
namespace offloader::rows::arrow {

struct Field {
  std::string name;
  catalog::SizedType type;
};

// Values of one column in a record batch.
struct Node {
  std::int64_t length = 0;
  std::int64_t null_count = 0;
};

// Where a buffer is in the body of a message. Offsets are multiples of kAlignment.
struct Buffer {
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

inline constexpr std::size_t kAlignment = 64;

// Returns the message that begins a stream.
[[nodiscard]] std::string schema_message(std::span<const Field> fields);

// Returns the head of a record batch. Its body of `body_size` bytes, a multiple of kAlignment, must follow.
[[nodiscard]] std::string record_batch_head(std::int64_t rows, std::span<const Node> nodes,
                                            std::span<const Buffer> buffers, std::int64_t body_size);

// Returns what ends a stream. A stream without it is not whole.
[[nodiscard]] std::string end_of_stream();

}  // namespace offloader::rows::arrow
