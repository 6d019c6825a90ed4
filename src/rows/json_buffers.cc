#include "json_buffers.h"

#include "offloader/base/json_text.h"
#include "offloader/base/resize.h"

namespace offloader::rows {
namespace {

constexpr std::size_t kFirstBytes = 16 << 10;

thread_local std::unique_ptr<JsonBuffers> idle_buffers;

}  // namespace

JsonBuffers::JsonBuffers() {
  resize_untouched(out, kFirstBytes);
  for (std::size_t i = 0; i < days.size(); ++i)
    days[i].days = static_cast<std::int32_t>(i) + 1;  // belongs elsewhere, so the entry is unused
}

void JsonBuffers::label(const Columns& columns) {
  // A thread sees the same few shapes again and again. A shape that was not compiled has the id 0.
  if (columns.shape() != 0 && columns.shape() == labelled_shape_ && columns.chosen() == labelled_columns_)
    return;
  labelled_shape_ = 0;
  labels.resize(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Label& label = labels[i];
    label.as_text = columns.projection(i).as_text;
    label.text.clear();
    if (i > 0) label.text.push_back(',');
    json::append_string(label.text, columns.name(i));
    label.text.push_back(':');
    label.text.copy(label.start, sizeof label.start);
  }
  labelled_columns_ = columns.chosen();
  labelled_shape_ = columns.shape();
}

std::unique_ptr<JsonBuffers> lease_json_buffers() {
  return idle_buffers ? std::move(idle_buffers) : std::make_unique<JsonBuffers>();
}

void return_json_buffers(std::unique_ptr<JsonBuffers> buffers) {
  if (!idle_buffers) idle_buffers = std::move(buffers);
}

}  // namespace offloader::rows
