#include "stream_buffer.h"

#include <algorithm>
#include <utility>

namespace offloader::http {

using State = BodyStream::State;

BodyStream::~BodyStream() {
  if (buffer_) buffer_->abandon();
}

State BodyStream::write(std::string bytes) {
  return buffer_->write(std::move(bytes));
}

State BodyStream::wait() {
  return buffer_->wait();
}

void BodyStream::when_ready(std::function<void()> ready) {
  buffer_->when_ready(std::move(ready));
}

std::size_t BodyStream::waiting() const {
  return buffer_->waiting();
}

void BodyStream::finish(std::string trailers) && {
  std::exchange(buffer_, nullptr)->finish(std::move(trailers));
}

State StreamBuffer::state() const {
  if (gone_) return State::gone;
  return bytes_ < BodyStream::kRoom ? State::ready : State::full;
}

State StreamBuffer::write(std::string bytes) {
  State now;
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    if (gone_) return State::gone;
    if (!bytes.empty()) {
      bytes_ += bytes.size();
      pieces_.push_back(std::move(bytes));
      wake = !std::exchange(woken_, true);
    }
    now = state();
  }
  if (wake) wake_();
  return now;
}

State StreamBuffer::wait() {
  MutexLock lock(mutex_);
  changed_.wait(mutex_, [&]() OFFLOADER_REQUIRES(mutex_) { return state() != State::full; });
  return state();
}

void StreamBuffer::when_ready(std::function<void()> ready) {
  {
    const MutexLock lock(mutex_);
    if (state() == State::full) {
      ready_ = std::move(ready);
      return;
    }
    ready_ = nullptr;
  }
  ready();
}

void StreamBuffer::finish(std::string trailers) {
  end(End::finished, std::move(trailers));
}

void StreamBuffer::abandon() {
  end(End::abandoned, {});
}

void StreamBuffer::end(End how, std::string trailers) {
  {
    const MutexLock lock(mutex_);
    end_ = how;
    trailers_ = std::move(trailers);
    ready_ = nullptr;
    if (gone_ || std::exchange(woken_, true)) return;
  }
  wake_();
}

std::size_t StreamBuffer::waiting() const {
  const MutexLock lock(mutex_);
  return bytes_;
}

StreamBuffer::Taken StreamBuffer::take() {
  const MutexLock lock(mutex_);
  woken_ = false;
  Taken out;
  out.pieces.swap(pieces_);
  for (const std::string& piece : out.pieces) out.bytes += piece.size();
  out.end = end_;
  out.trailers = std::move(trailers_);
  return out;
}

void StreamBuffer::sent(std::size_t bytes) {
  std::function<void()> ready;
  {
    const MutexLock lock(mutex_);
    bytes_ -= std::min(bytes_, bytes);
    if (state() == State::full) return;
    ready = std::exchange(ready_, nullptr);
    changed_.notify_all();
  }
  if (ready) ready();
}

void StreamBuffer::client_gone() {
  std::function<void()> ready;
  {
    const MutexLock lock(mutex_);
    gone_ = true;
    pieces_.clear();
    bytes_ = 0;
    ready = std::exchange(ready_, nullptr);
    changed_.notify_all();
  }
  if (ready) ready();
}

}  // namespace offloader::http
