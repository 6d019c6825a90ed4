#include "offloader/http/testing/recorded_stream.h"

#include "stream_buffer.h"

namespace offloader::http::testing {

RecordedStream::RecordedStream() : buffer_(std::make_shared<StreamBuffer>([] {})) {}

BodyStream RecordedStream::stream() const {
  return BodyStream(buffer_);
}

std::string RecordedStream::read() {
  StreamBuffer::Taken taken = buffer_->take();
  std::string text;
  for (const std::string& piece : taken.pieces) text += piece;
  finished_ = taken.end == StreamBuffer::End::finished;
  abandoned_ = taken.end == StreamBuffer::End::abandoned;
  if (!taken.trailers.empty()) trailers_ = std::move(taken.trailers);
  buffer_->sent(taken.bytes);
  return text;
}

void RecordedStream::leave() const {
  buffer_->client_gone();
}

}  // namespace offloader::http::testing
