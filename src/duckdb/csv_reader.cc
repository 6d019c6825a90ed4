#include "csv_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "offloader/base/utf8.h"

namespace offloader::duckdb {
namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::size_t kShown = 40;

// UTF-16 of mostly ASCII text has a zero in every other byte, and usually a byte order mark.
bool looks_like_utf16(std::string_view head) {
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) return true;
  return head.size() >= 4 && ((head[0] == '\0') != (head[1] == '\0')) &&
         ((head[2] == '\0') != (head[3] == '\0')) && (head[0] == '\0') == (head[2] == '\0');
}

}  // namespace

std::string shown_value(std::string_view text) {
  std::string out;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < text.size(); ++shown) {
    if (shown == kShown) return out + "...";
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) {
      out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : fmt::format("\\x{:02x}", c);
      ++i;
      continue;
    }
    std::size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    length = std::min(length, text.size() - i);
    // C1 control characters affect terminals too.
    if (length == 2 && c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i + 1]));
    } else if (is_utf8(text.substr(i, length))) {
      out += text.substr(i, length);
    } else {
      length = 1;
      out += fmt::format("\\x{:02x}", c);
    }
    i += length;
  }
  return out;
}

CsvReader::CsvReader(ByteInput& input, const manifest::CsvDialect& dialect)
    : input_(input), dialect_(dialect), bytes_(kPiece) {}

tl::unexpected<Error> CsvReader::refuse(std::int64_t line, std::string message, std::string hint) const {
  return fail(ErrorCode::rejected, fmt::format("Line {}: {}", line, message), std::move(hint));
}

Result<bool> CsvReader::fill() {
  if (at_ < end_) return true;
  auto got = input_.read(bytes_.data(), bytes_.size());
  if (!got) return fail(std::move(got.error()));
  at_ = 0;
  end_ = static_cast<std::size_t>(*got);
  if (!begun_ && end_ > 0) {
    begun_ = true;
    const std::string_view head(bytes_.data(), end_);
    if (dialect_.encoding == manifest::CsvEncoding::utf8 && looks_like_utf16(head)) {
      return fail(ErrorCode::rejected, "The file is UTF-16, not UTF-8.",
                  "Set \"encoding\": \"utf-16\" in the manifest's csv block (manifest create --encoding "
                  "utf-16), or convert the file.");
    }
    if (head.starts_with("\xef\xbb\xbf")) at_ = 3;
    return at_ < end_ ? Result<bool>(true) : fill();
  }
  return end_ > 0;
}

Result<void> CsvReader::count_byte(char c) {
  if (++record_bytes_ > kMaxCsvLine) {
    if (quote_line_ > 0) {
      return refuse(quote_line_,
                    fmt::format("the quote that opens here is not closed within {} bytes.", kMaxCsvLine),
                    "Close it, and double every quote inside a quoted field.");
    }
    return refuse(line_, fmt::format("the line has more than {} bytes, which is the limit.", kMaxCsvLine),
                  "Shorten its values, or publish the data as Parquet.");
  }
  if (c == '\n') ++line_;
  return {};
}

Result<void> CsvReader::end_line(Ends kind) {
  if (ends_ == Ends::unknown) ends_ = kind;
  if (ends_ == kind) return {};
  const auto name = [](Ends ends) { return ends == Ends::lf ? "LF" : ends == Ends::crlf ? "CRLF" : "CR"; };
  if (ends_ == Ends::cr || kind == Ends::cr) {
    return refuse(line_ - (kind == Ends::cr ? 0 : 1),
                  fmt::format("the line ends in {}, but the first line ends in {}.", name(kind), name(ends_)),
                  "End every line in LF or CRLF, and quote fields that contain a carriage return.");
  }
  uneven_lines_ = true;
  return {};
}

tl::unexpected<Error> CsvReader::behind_quote(const std::string& text) const {
  if (text.ends_with('\\')) {
    return refuse(
        line_, "a quote is escaped with a backslash.",
        "Double every quote inside a quoted field, or set \"escape\": \"\\\\\" in the manifest's csv block.");
  }
  return refuse(line_, "there is text between a closing quote and the next delimiter.",
                "Double every quote inside a quoted field.");
}

// Reads one field and the delimiter or line end after it. Returns false if the file ended.
Result<bool> CsvReader::read_field(CsvRecord& record, bool& line_ended) {
  if (record.count == record.fields.size()) record.fields.emplace_back();
  CsvField& field = record.fields[record.count++];
  field.text.clear();
  field.quoted = false;
  enum class State { start, plain, quoted, escaped, after, trailing } state = State::start;
  const char quote = dialect_.quote;
  while (true) {
    auto more = fill();
    if (!more) return fail(std::move(more.error()));
    if (!*more) {
      if (state == State::quoted || state == State::escaped) {
        return refuse(quote_line_, "the quote that opens here is never closed.",
                      "Close it, and double every quote inside a quoted field.");
      }
      line_ended = true;
      return false;
    }
    const char c = bytes_[at_++];
    if (auto counted = count_byte(c); !counted) return fail(std::move(counted.error()));
    if (state == State::quoted) {
      if (dialect_.escape != quote && c == dialect_.escape) {
        state = State::escaped;
      } else if (c == quote) {
        state = State::after;
      } else {
        if (c == '\n' || c == '\r') quoted_line_ends_ = true;
        field.text += c;
      }
      continue;
    }
    if (state == State::escaped) {
      field.text += c;  // DuckDB drops the escape before any character
      state = State::quoted;
      continue;
    }
    if (state == State::after && c == quote && dialect_.escape == quote) {
      field.text += c;
      state = State::quoted;
      continue;
    }
    if (c == dialect_.delimiter || c == '\n' || c == '\r') {
      quote_line_ = 0;
      if (c == dialect_.delimiter) return true;
      line_ended = true;
      Ends kind = Ends::lf;
      if (c == '\r') {
        auto next = fill();
        if (!next) return fail(std::move(next.error()));
        kind = *next && bytes_[at_] == '\n' ? Ends::crlf : Ends::cr;
        if (kind == Ends::crlf) {
          ++at_;
          ++line_;
        }
      }
      if (auto ended = end_line(kind); !ended) return fail(std::move(ended.error()));
      if (kind == Ends::cr) ++line_;
      return true;
    }
    if (state == State::after || state == State::trailing) {
      if (c != ' ') return behind_quote(field.text);
      state = State::trailing;
    } else if (state == State::start && quote != '\0' && c == quote) {
      field.text.clear();  // DuckDB drops spaces before a quote
      field.quoted = true;
      quote_line_ = line_;
      state = State::quoted;
    } else {
      field.text += c;
      if (c != ' ') state = State::plain;
    }
  }
}

Result<void> CsvReader::check_text(const CsvRecord& record) const {
  for (std::size_t i = 0; i < record.count; ++i) {
    if (is_utf8(record.fields[i].text)) continue;
    return refuse(record.line,
                  fmt::format("the text is not UTF-8 (\"{}\").", shown_value(record.fields[i].text)),
                  "Convert the file, or set its encoding in the manifest's csv block (manifest create "
                  "--encoding latin-1 or windows-1252).");
  }
  return {};
}

Result<bool> CsvReader::next(CsvRecord& record) {
  while (true) {
    record.count = 0;
    record.line = line_;
    record_bytes_ = 0;
    quote_line_ = 0;
    bool line_ended = false;
    bool alive = true;
    while (!line_ended) {
      if (record.count == kMaxCsvColumns) {
        return refuse(line_,
                      fmt::format("the line has more than {} fields, which is the limit.", kMaxCsvColumns),
                      "Check the delimiter and the quotes.");
      }
      auto read = read_field(record, line_ended);
      if (!read) return fail(std::move(read.error()));
      alive = *read;
    }
    const bool empty = record.count == 1 && record.fields[0].text.empty() && !record.fields[0].quoted;
    if (empty && !alive) return false;
    if (empty && columns_ != 1) continue;
    if (columns_ == 0) columns_ = record.count;
    if (auto checked = check_text(record); !checked) return fail(std::move(checked.error()));
    return true;
  }
}

}  // namespace offloader::duckdb
