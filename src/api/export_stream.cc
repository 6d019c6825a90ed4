#include "export_stream.h"

#include <utility>

#include "compression.h"

namespace offloader::api {

ExportStream::ExportStream(std::shared_ptr<Exchange> exchange, std::string tag,
                           std::unique_ptr<rows::Writer> inner, const Finish& finish, const Clock& clock)
    : exchange_(std::move(exchange)),
      tag_(std::move(tag)),
      finish_(finish),
      clock_(clock),
      inner_(std::move(inner)) {
  // The text of the request is gone once the head has been sent, but the log line is written at the end.
  exchange_->method = exchange_->is_post() ? "POST" : "GET";
}

http::Response ExportStream::head_of(const Exchange& exchange, const std::string& tag, const Finish& finish,
                                     const Clock& clock) {
  const SystemTime now = clock.now();
  http::Response head;
  finish.headers().append_content(head.headers, exchange, exchange.format);
  finish.headers().append_validators(head.headers, exchange, tag, now);
  finish.headers().append_facts(head.headers, exchange, now);
  head.headers.append("trailer: offloader-rows, offloader-has-more, offloader-status\r\n");
  append_encoding(head.headers, exchange.encoding);
  finish.headers().append_common(head.headers, exchange);
  return head;
}

Result<void> ExportStream::begin(const rows::Columns& columns) {
  // The executor starts over if a part of it gave up, and has seen to that part. What has been sent cannot be
  // taken back.
  if (stream_)
    return fail(ErrorCode::unavailable, "the dataset cannot be read right now", "a part gave up in a stream");
  rows_ = 0;
  return inner_->begin(columns);
}

Result<void> ExportStream::write(const rows::Batch& batch) {
  if (auto written = inner_->write(batch); !written) return written;
  rows_ += static_cast<std::int64_t>(batch.rows);
  return {};
}

Result<void> ExportStream::flush() {
  while (true) {
    const auto piece = inner_->drain();
    if (!piece) return fail(piece.error());
    if (piece->empty()) return {};
    if (auto sent = send(*piece); !sent) return sent;
  }
}

Result<void> ExportStream::open() {
  auto encoder = make_stream_encoder(exchange_->encoding);
  if (!encoder) return fail(std::move(encoder.error()));
  encoder_ = std::move(*encoder);
  sent_ = clock_.steady_now();
  stream_.emplace(std::move(exchange_->responder).stream(head_of(*exchange_, tag_, finish_, clock_)));
  return {};
}

Result<void> ExportStream::send(std::string_view text) {
  if (!stream_) {
    if (auto opened = open(); !opened) return opened;
  }
  std::string encoded;
  if (auto done = encoder_->encode(text, encoded); !done) return done;
  bytes_ += encoded.size();
  auto state = stream_->write(std::move(encoded));
  if (state == http::BodyStream::State::full) {
    const SteadyTime begun = clock_.steady_now();
    state = stream_->wait();
    waited_ += clock_.steady_now() - begun;
  }
  if (state == http::BodyStream::State::gone) return fail(ErrorCode::cancelled, "the client is gone");
  return {};
}

ExportOutcome ExportStream::end(const executor::Outcome& outcome) {
  using enum ExportOutcome;
  const auto give_up = [&](const Error& error) {
    if (!stream_) {
      finish_.refused(*exchange_, error);
      return error.code == ErrorCode::cancelled ? client_gone : refused;
    }
    stream_.reset();
    finish_.broken(*exchange_, error, rows_, bytes_, sent_);
    return error.code == ErrorCode::cancelled ? client_gone : failed;
  };
  if (!outcome) return give_up(outcome.error());
  if (!stream_) {
    if (auto opened = open(); !opened) return give_up(opened.error());
  }
  std::string last;
  if (auto done = encoder_->finish(last); !done) return give_up(done.error());
  bytes_ += last.size();
  if (!last.empty() && stream_->write(std::move(last)) == http::BodyStream::State::gone)
    return give_up({ErrorCode::cancelled, "the client is gone", {}});
  std::string trailers = "offloader-rows: " + std::to_string(rows_) + "\r\n";
  trailers.append(outcome->has_more ? "offloader-has-more: true\r\n" : "offloader-has-more: false\r\n");
  trailers.append("offloader-status: complete\r\n");
  finish_.streamed(*exchange_, rows_, bytes_, sent_);
  std::move(*stream_).finish(std::move(trailers));
  return complete;
}

}  // namespace offloader::api
