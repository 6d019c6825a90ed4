// Feeds the input to a RequestReader as a connection would, in reads whose size the first byte decides.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "request_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using offloader::http::RequestReader;
  if (size == 0) return 0;
  const std::size_t stride = std::size_t{data[0]} + 1;
  ++data;
  --size;
  const offloader::http::Limits limits;
  RequestReader reader(limits);
  bool keeps = false;  // a kept body is being read
  while (true) {
    switch (reader.advance()) {
      case RequestReader::Progress::refused:
        if (reader.refusal().status < 400) std::abort();
        return 0;
      case RequestReader::Progress::head:
        // Half of the inputs read the bodies; the others skip them.
        if (stride % 2 == 0) {
          reader.skip_body();
        } else {
          reader.keep_body();
          keeps = true;
        }
        continue;
      case RequestReader::Progress::complete:
        if (keeps) {
          const RequestReader::Piece piece = reader.read_body();
          if (piece.bytes.size() > limits.max_body) std::abort();
          if (piece.progress == RequestReader::Progress::refused) return 0;
          if (piece.progress == RequestReader::Progress::need_more) break;
          if (reader.body_left()) std::abort();
          keeps = false;
        }
        if (reader.head().target().empty()) std::abort();
        if (reader.head().chunked() && reader.head().content_length() != 0) std::abort();
        (void)reader.head().header("Host");
        reader.next();
        continue;
      case RequestReader::Progress::need_more:
      case RequestReader::Progress::send_continue:
        break;
    }
    if (size == 0) return 0;
    const auto space = reader.space();
    if (space.empty()) std::abort();
    const std::size_t count = std::min({space.size(), stride, size});
    std::memcpy(space.data(), data, count);
    reader.received(count);
    data += count;
    size -= count;
  }
}
