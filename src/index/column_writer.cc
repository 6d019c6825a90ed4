#include "column_writer.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "offloader/base/json_text.h"
#include "offloader/base/uuid.h"
#include "offloader/index/key.h"
#include "offloader/index/width.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;

// Precedes each chunk in the spill. `count` values of `width` bytes follow, relative to `base`, and then, if
// `nulls` is not 0, one byte per value that is 1 for a null.
struct RunHead {
  std::uint64_t base;
  std::uint32_t count;
  std::uint16_t width;
  std::uint16_t nulls;
};

std::uint8_t width_for(std::uint64_t greatest) {
  if (greatest <= 0xFF) return 1;
  if (greatest <= 0xFFFF) return 2;
  return greatest <= 0xFFFF'FFFFU ? 4 : 8;
}

// Appends the sections of offsets and bytes of texts. Offsets have 8 bytes if `total` needs them, else 4.
template <typename TextAt>
void write_texts(OutputFile& out, std::uint32_t ordinal, Section offsets, Section bytes, std::size_t count,
                 std::uint64_t total, TextAt text_at) {
  out.begin_section(offsets, ordinal);
  const std::size_t width = total <= 0xFFFF'FFFFU ? 4 : 8;
  std::uint64_t at = 0;
  out.append(&at, width);
  for (std::size_t i = 0; i < count; ++i) {
    at += text_at(i).size();
    out.append(&at, width);
  }
  out.end_section();
  out.begin_section(bytes, ordinal);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view text = text_at(i);
    out.append(text.data(), text.size());
  }
  out.end_section();
}

}  // namespace

ColumnWriter::ColumnWriter(catalog::Column column, const std::filesystem::path& spill_folder)
    : column_(std::move(column)), spill_(spill_folder) {
  column_.name.copy(entry_.name, sizeof entry_.name - 1);
  entry_.type = number_of(column_.type);
  entry_.precision = column_.type.size.precision;
  entry_.scale = column_.type.size.scale;
  if (column_.type == ColumnType::varchar || column_.type == ColumnType::uuid)
    dictionary_ = std::make_unique<DictionaryBuilder>();
  if (column_.type == ColumnType::json) documents_ = std::make_unique<Spill>(spill_folder);
  keys_.reserve(kMaxRun);
  nulls_.reserve(kMaxRun);
}

void ColumnWriter::append(const rows::Column& values, std::size_t count) {
  if (!keys_.empty()) {
    previous_key_ = keys_.back();
    previous_null_ = nulls_.back() != 0;
    has_previous_ = true;
  }
  if (documents_ != nullptr) {
    take_documents(values, count);
    return;
  }
  take_keys(values, count);
  spill_run();
}

void ColumnWriter::take_documents(const rows::Column& values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view text = values.is_null(i) ? std::string_view{} : values.at<std::string_view>(i);
    document_bytes_ += text.size();
    null_count_ += text.empty() ? 1 : 0;
    spill_.append(&document_bytes_, sizeof document_bytes_);
    documents_->append(text.data(), text.size());
  }
}

template <typename T, typename KeyOf>
void ColumnWriter::take(const rows::Column& column, KeyOf key_of) {
  const T* const values = static_cast<const T*>(column.values);
  if (column.validity == nullptr) {
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] = key_of(values[i]);
    return;
  }
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const bool null = column.is_null(i);
    keys_[i] = null ? ~0ULL : key_of(values[i]);
    nulls_[i] = null ? 1 : 0;
  }
}

void ColumnWriter::take_keys(const rows::Column& values, std::size_t count) {
  keys_.resize(count);
  nulls_.assign(count, 0);
  switch (column_.type.type) {
    case ColumnType::boolean:
      return take<bool>(values, [](bool value) { return key_of_int(value ? 1 : 0); });
    case ColumnType::integer:
    case ColumnType::date:
      return take<std::int32_t>(values, key_of_int);
    case ColumnType::bigint:
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return take<std::int64_t>(values, key_of_int);
    case ColumnType::float64:
      return take<double>(values, key_of_double);
    case ColumnType::decimal:
      return take<rows::Wide>(values, [&](rows::Wide words) {
        const Int128 value = words.number();
        // A wide DECIMAL usually has values that fit.
        overflown_ = overflown_ || value < INT64_MIN || value > INT64_MAX;
        return key_of_int(static_cast<std::int64_t>(value));
      });
    case ColumnType::varchar:
      return take_texts<std::string_view>(values, [](std::string_view text) { return text; });
    case ColumnType::uuid:
      return take_texts<rows::Wide>(values, [text = std::string()](rows::Wide words) mutable {
        text.clear();
        append_uuid(text, {words.high, words.low});
        return std::string_view(text);
      });
    case ColumnType::json:
      return;  // append() calls take_documents() instead
  }
}

template <typename T, typename TextOf>
void ColumnWriter::take_texts(const rows::Column& values, TextOf text_of) {
  std::optional<T> last;
  std::uint32_t last_id = DictionaryBuilder::kFull;
  take<T>(values, [&](const T& value) -> std::uint64_t {
    if (last_id != DictionaryBuilder::kFull && value == *last) return last_id;
    last_id = dictionary_->add(text_of(value));
    last = value;
    if (last_id == DictionaryBuilder::kFull) {
      overflown_ = true;
      last_id = 0;
    }
    return last_id;
  });
}

void ColumnWriter::spill_run() {
  const std::size_t count = keys_.size();
  std::uint64_t nulls = 0;
  for (const std::uint8_t null : nulls_) nulls += null;
  std::uint64_t least = ~0ULL;  // nulls have this key here, so they do not affect the minimum
  for (const std::uint64_t key : keys_) least = std::min(least, key);
  std::uint64_t greatest = 0;
  if (nulls == 0) {
    for (const std::uint64_t key : keys_) greatest = std::max(greatest, key);
  } else {
    for (std::size_t i = 0; i < count; ++i) greatest = std::max(greatest, nulls_[i] != 0 ? 0 : keys_[i]);
  }
  null_count_ += nulls;
  valid_count_ += count - nulls;
  least_ = std::min(least_, least);
  greatest_ = std::max(greatest_, greatest);
  if (nulls == count) least = greatest = 0;
  const std::uint8_t width = width_for(greatest - least);
  const RunHead head{least, static_cast<std::uint32_t>(count), width,
                     static_cast<std::uint16_t>(nulls != 0 ? 1 : 0)};
  spill_.append(&head, sizeof head);
  narrow_.resize(count * width);
  with_width(width, [&]<typename Stored>(Stored) {
    auto* const narrow = reinterpret_cast<Stored*>(narrow_.data());
    // A null's value is arbitrary here: read_run() replaces it.
    for (std::size_t i = 0; i < count; ++i) narrow[i] = static_cast<Stored>(keys_[i] - least);
  });
  spill_.append(narrow_.data(), count * width);
  if (nulls != 0) spill_.append(nulls_.data(), nulls_.size());
}

// Reads the next chunk of the spill into `keys_`, as stored keys. Returns false at the end or on failure.
bool ColumnWriter::read_run() {
  RunHead head{};
  if (!spill_.read(&head, sizeof head)) return false;
  // Large enough for the values in the spill and, later, for those in the file.
  narrow_.resize(std::size_t{head.count} * sizeof(std::uint64_t));
  keys_.resize(head.count);
  nulls_.assign(head.nulls != 0 ? head.count : 0, 0);
  if (!spill_.read(narrow_.data(), std::size_t{head.count} * head.width)) return false;
  if (!nulls_.empty() && !spill_.read(nulls_.data(), nulls_.size())) return false;
  with_width(head.width, [&]<typename Stored>(Stored) {
    const auto* const narrow = reinterpret_cast<const Stored*>(narrow_.data());
    const std::uint64_t base = head.base - least_;  // least_ is 0 for texts and DOUBLE
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] = narrow[i] + base;
  });
  if (dictionary_ != nullptr) {
    for (std::size_t i = 0; i < keys_.size(); ++i)
      keys_[i] = nulls_.empty() || nulls_[i] == 0 ? rank_[keys_[i]] : 0;
  }
  for (std::size_t i = 0; i < nulls_.size(); ++i) keys_[i] = nulls_[i] != 0 ? entry_.null_key : keys_[i];
  return true;
}

int ColumnWriter::compare_with_previous(std::size_t i) const {
  if (i == 0 && !has_previous_) return -1;
  std::uint64_t a = i == 0 ? previous_key_ : keys_[i - 1];
  std::uint64_t b = keys_[i];
  const bool a_null = i == 0 ? previous_null_ : nulls_[i - 1] != 0;
  const bool b_null = nulls_[i] != 0;
  if (a_null || b_null) return a_null == b_null ? 0 : (a_null ? 1 : -1);
  if (a == b) return 0;
  if (dictionary_ != nullptr) {
    return dictionary_->text(static_cast<std::uint32_t>(a))
        .compare(dictionary_->text(static_cast<std::uint32_t>(b)));
  }
  if (column_.type == ColumnType::float64) {
    a = unify_zero(a);
    b = unify_zero(b);
    if (a == b) return 0;
  }
  return a < b ? -1 : 1;
}

bool ColumnWriter::storable() const {
  if (overflown_ || column_.name.size() >= sizeof entry_.name) return false;
  if (column_.type == ColumnType::json || column_.type == ColumnType::float64) return true;
  return valid_count_ == 0 || null_count_ == 0 || greatest_ - least_ != ~0ULL;
}

void ColumnWriter::finish(OutputFile& out, std::uint32_t ordinal, std::uint64_t rows, Collector* collector) {
  entry_.nulls = null_count_;
  entry_.nullable = null_count_ != 0 ? 1 : 0;
  if (documents_ != nullptr) {
    write_documents(out, ordinal, rows);
    return;
  }
  if (valid_count_ == 0) least_ = greatest_ = key_of_int(0);
  if (dictionary_ != nullptr) {
    least_ = 0;
    greatest_ = dictionary_->size() == 0 ? 0 : dictionary_->size() - 1;
    write_dictionary(out, ordinal);
  } else if (column_.type == ColumnType::float64) {
    least_ = 0;
    if (valid_count_ == 0) greatest_ = 0;
  } else {
    entry_.base = int_of_key(least_);
  }
  entry_.max_key = greatest_ - least_;
  entry_.null_key = column_.type == ColumnType::float64 ? kDoubleNullKey : entry_.max_key + 1;
  entry_.width = column_.type == ColumnType::float64
                     ? 8
                     : width_for(entry_.nullable != 0 ? entry_.null_key : entry_.max_key);
  const bool collected = collector != nullptr && collector->wants(entry_);
  write_values(out, ordinal, rows, collected ? collector : nullptr);
}

void ColumnWriter::write_values(OutputFile& out, std::uint32_t ordinal, std::uint64_t rows,
                                Collector* collector) {
  std::vector<std::uint64_t> bounds;
  out.begin_section(Section::values, ordinal);
  spill_.rewind();
  for (std::uint64_t row = 0; row < rows && read_run(); row += keys_.size()) {
    add_bounds(row, bounds);
    if (collector != nullptr) collector->take(row, keys_);
    with_width(entry_.width, [&]<typename Stored>(Stored) {
      auto* const stored = reinterpret_cast<Stored*>(narrow_.data());
      for (std::size_t i = 0; i < keys_.size(); ++i) stored[i] = static_cast<Stored>(keys_[i]);
    });
    out.append(narrow_.data(), keys_.size() * entry_.width);
  }
  out.end_section();
  out.section(Section::bounds, ordinal, bounds);
  if (collector != nullptr) collector->write(out, ordinal, entry_);
}

// Updates the least and the greatest key of each block, nulls excluded, with `keys_`, whose first row is
// `row`.
void ColumnWriter::add_bounds(std::uint64_t row, std::vector<std::uint64_t>& bounds) const {
  for (std::size_t begin = 0; begin < keys_.size();) {
    if ((row + begin) % kBlockRows == 0) bounds.insert(bounds.end(), {~0ULL, 0});
    const std::size_t left = kBlockRows - (row + begin) % kBlockRows;
    const std::size_t end = std::min(keys_.size(), begin + left);
    std::uint64_t least = bounds[bounds.size() - 2];
    std::uint64_t greatest = bounds.back();
    for (std::size_t i = begin; i < end; ++i) {
      const bool valid = nulls_.empty() || nulls_[i] == 0;
      least = std::min(least, valid ? keys_[i] : least);
      greatest = std::max(greatest, valid ? keys_[i] : greatest);
    }
    bounds[bounds.size() - 2] = least;
    bounds.back() = greatest;
    begin = end;
  }
}

void ColumnWriter::write_dictionary(OutputFile& out, std::uint32_t ordinal) {
  const std::vector<std::uint32_t> order = dictionary_->sort();
  rank_.resize(order.size());
  entry_.entries = order.size();
  std::uint64_t raw_total = 0;
  std::uint64_t escaped_total = 0;
  std::string escaped;
  for (std::size_t code = 0; code < order.size(); ++code) {
    rank_[order[code]] = static_cast<std::uint32_t>(code);
    escaped.clear();
    json::append_escaped(escaped, dictionary_->text(order[code]));
    raw_total += dictionary_->text(order[code]).size();
    escaped_total += escaped.size();
  }
  const auto raw_at = [&](std::size_t i) { return dictionary_->text(order[i]); };
  write_texts(out, ordinal, Section::text_offsets, Section::text_bytes, order.size(), raw_total, raw_at);
  if (escaped_total == raw_total) return;
  const auto escaped_at = [&](std::size_t i) {
    escaped.clear();
    json::append_escaped(escaped, dictionary_->text(order[i]));
    return std::string_view(escaped);
  };
  write_texts(out, ordinal, Section::escaped_offsets, Section::escaped_bytes, order.size(), escaped_total,
              escaped_at);
}

void ColumnWriter::write_documents(OutputFile& out, std::uint32_t ordinal, std::uint64_t rows) {
  const std::size_t width = document_bytes_ <= 0xFFFF'FFFFU ? 4 : 8;
  entry_.entries = rows;
  std::uint64_t at = 0;
  spill_.rewind();
  out.begin_section(Section::text_offsets, ordinal);
  out.append(&at, width);
  for (std::uint64_t row = 0; row < rows && spill_.read_expected(&at, sizeof at); ++row)
    out.append(&at, width);
  out.end_section();
  out.begin_section(Section::text_bytes, ordinal);
  documents_->rewind();
  std::string piece;
  for (std::uint64_t left = document_bytes_; left > 0; left -= piece.size()) {
    piece.resize(std::min<std::uint64_t>(left, 1 << 16));
    if (!documents_->read_expected(piece.data(), piece.size())) break;
    out.append(piece.data(), piece.size());
  }
  out.end_section();
}

}  // namespace offloader::index
