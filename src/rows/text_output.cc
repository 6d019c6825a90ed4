#include "offloader/rows/text_output.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "offloader/base/resize.h"
#include "page_room.h"

namespace offloader::rows {
namespace {

constexpr std::size_t kFirstBytes = 16 << 10;
constexpr std::size_t kKeptBytes = 1 << 20;  // larger buffers become the page's text and are not reused

}  // namespace

void TextOutput::begin(std::string& buffer, std::int64_t most_rows) {
  buffer_ = &buffer;
  if (buffer.size() < kFirstBytes) resize_untouched(buffer, kFirstBytes);
  at_ = buffer.data();
  end_ = at_ + buffer.size();
  rows_ = 0;
  limit_ = most_rows;
  room_ = {};
  text_.clear();
  refused_ = false;
}

void TextOutput::grow(std::size_t bytes) {
  if (refused_) return refuse(bytes);
  std::string& out = *buffer_;
  const auto used = static_cast<std::size_t>(at_ - out.data());
  // Without a budget the text may be drained while it is made, and so is never here as a whole.
  const bool large = memory_ && used >= kLargePage && rows_ > 0 && rows_ < limit_;
  std::size_t wanted = std::max(large ? expected_page(used, rows_, limit_) : out.size() * 2, used + bytes);
  if (memory_ && wanted > kKeptBytes) {
    if (room_.bytes() == 0) room_ = ByteHold(memory_);
    // While the page moves, its bytes exist twice.
    if (!room_.try_resize(wanted + used)) {
      // The estimate may be far too high: many pages have fewer rows than their limit.
      wanted = std::min(wanted, next_room(used, bytes));
      if (!room_.try_resize(wanted + used)) return refuse(bytes);
    }
    room_.resize(wanted);
  }
  resize_untouched(out, wanted);
  at_ = out.data() + used;
  end_ = out.data() + out.size();
}

void TextOutput::refuse(std::size_t bytes) {
  refused_ = true;
  std::string& out = *buffer_;
  if (out.size() > kKeptBytes) std::exchange(out, {});
  room_.resize(0);
  if (out.size() < std::max(bytes, kFirstBytes)) resize_untouched(out, std::max(bytes, kFirstBytes));
  at_ = out.data();
  end_ = out.data() + out.size();
}

std::string TextOutput::drain(std::size_t kept) {
  if (buffer_ == nullptr) {
    room_ = {};
    return std::exchange(text_, {});
  }
  char* const start = buffer_->data();
  const auto used = static_cast<std::size_t>(at_ - start);
  if (used <= kept) return {};
  std::string text(start, used - kept);
  std::memmove(start, start + text.size(), kept);
  at_ = start + kept;
  return text;
}

Result<void> TextOutput::finish(std::size_t spare) {
  if (refused_) return fail(page_refused());
  std::string& out = *std::exchange(buffer_, nullptr);
  const auto used = static_cast<std::size_t>(at_ - out.data());
  if (out.size() > kKeptBytes) {
    out.resize(used);
    if (room_.bytes() > 0) room_.resize(used);
    text_ = std::exchange(out, {});
  } else {
    text_.reserve(used + spare);
    text_.append(out.data(), used);
  }
  return {};
}

}  // namespace offloader::rows
