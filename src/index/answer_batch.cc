#include "answer_batch.h"

#include <algorithm>

namespace offloader::index {
namespace {

std::vector<rows::Column>& thread_views() {
  thread_local std::vector<rows::Column> mine;
  return mine;
}

}  // namespace

std::vector<AnswerBatch::Buffer>& AnswerBatch::buffers() {
  thread_local std::vector<Buffer> mine;
  return mine;
}

AnswerBatch::AnswerBatch(std::size_t columns)
    : buffers_(buffers()), views_(thread_views()), columns_(columns) {
  if (buffers_.size() < columns) buffers_.resize(columns);
}

void AnswerBatch::gather(std::size_t at, const Column& column, std::span<const std::uint32_t> of) {
  if (column.type == catalog::ColumnType::json) {
    auto* const out = values<std::string_view>(at, rows::Kind::json);
    for (std::size_t i = 0; i < rows_; ++i) {
      out[i] = column.dictionary.texts.at(of[i]);
      if (out[i].empty()) set_null(at, i);
    }
    return;
  }
  with_width(column.width, [&]<typename Stored>(Stored) {
    const auto* const stored = reinterpret_cast<const Stored*>(column.values);
    keys(at, column, [stored, of](std::size_t i) { return std::uint64_t{stored[of[i]]}; });
  });
}

void* AnswerBatch::array(std::size_t at, rows::Kind kind, std::size_t width) {
  Buffer& buffer = buffers_[at];
  const std::size_t words = (rows_ * width + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  if (buffer.values.size() < words) buffer.values.resize(words);
  buffer.view = {.kind = kind, .values = buffer.values.data()};
  return buffer.values.data();
}

void AnswerBatch::set_null(std::size_t at, std::size_t row) {
  Buffer& buffer = buffers_[at];
  if (buffer.view.validity == nullptr) {
    buffer.validity.assign((rows_ + 63) / 64, ~0ULL);
    buffer.view.validity = buffer.validity.data();
  }
  buffer.validity[row / 64] &= ~(1ULL << (row % 64));
}

rows::Batch AnswerBatch::get() {
  views_.clear();
  for (std::size_t i = 0; i < columns_; ++i) views_.push_back(buffers_[i].view);
  return {.columns = views_, .rows = rows_};
}

}  // namespace offloader::index
