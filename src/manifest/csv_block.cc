#include "csv_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "offloader/base/ascii.h"
#include "offloader/base/identifier.h"
#include "offloader/base/time_format.h"
#include "offloader/base/utf8.h"

namespace offloader::manifest {
namespace {

constexpr std::size_t kMaxNulls = 16;
constexpr std::size_t kMaxNullLength = 100;

const std::vector<std::string> kFields = {"delimiter", "quote",   "escape",      "encoding",        "null",
                                          "header",    "decimal", "date_format", "timestamp_format"};

bool is_sign(char c) {
  return c > ' ' && c < 0x7F && !ascii::is_alnum(c);
}

// Reads the fields of the block. A field that is null counts as absent.
class BlockReader {
 public:
  BlockReader(const JsonNode& block, const ReportFinding& report) : block_(block), report_(report) {}

  CsvDialect read() {
    for (const auto& [name, value] : block_.members) {
      if (std::ranges::find(kFields, name) != kFields.end()) continue;
      const auto near = nearest_match(name, kFields);
      add(value, is_column_name(name) ? name : "", "unknown_field", "unknown field in `csv`",
          near ? "did you mean " + *near + "?" : known_fields());
    }
    CsvDialect out;
    if (const auto* node = text("delimiter")) {
      if (const auto sign = parse_csv_delimiter(node->text))
        out.delimiter = *sign;
      else
        add(*node, "delimiter", "invalid_value",
            "csv.delimiter must be one character, such as , or ; or | or a tab",
            "letters, digits, quotes and line breaks cannot separate fields");
    }
    read_quotes(out);
    if (const auto* node = text("encoding")) {
      if (const auto encoding = parse_csv_encoding(node->text))
        out.encoding = *encoding;
      else
        add(*node, "encoding", "invalid_value", fmt::format("csv.encoding must be one of {}", kCsvEncodings),
            "convert files with another encoding");
    }
    read_nulls(out);
    if (const auto* node = find("header")) {
      if (node->kind == JsonNode::Kind::boolean)
        out.header = node->boolean;
      else
        add(*node, "header", "invalid_type", "csv.header must be true or false", "");
    }
    if (const auto* node = text("decimal")) {
      if (node->text == "." || node->text == ",")
        out.decimal = node->text[0];
      else
        add(*node, "decimal", "invalid_value", "csv.decimal must be . or ,", "");
    }
    out.date_format = format("date_format");
    out.timestamp_format = format("timestamp_format");
    return out;
  }

 private:
  static std::string known_fields() { return fmt::format("allowed: {}", fmt::join(kFields, ", ")); }

  void add(const JsonNode& at, const std::string& field, const char* code, std::string message,
           std::string hint) {
    report_(at, field.empty() ? "csv" : "csv." + field, code, std::move(message), std::move(hint));
  }

  const JsonNode* find(const char* name) const {
    const JsonNode* node = block_.find(name);
    return node == nullptr || node->kind == JsonNode::Kind::null ? nullptr : node;
  }

  const JsonNode* text(const char* name) {
    const JsonNode* node = find(name);
    if (node == nullptr || node->kind == JsonNode::Kind::string) return node;
    add(*node, name, "invalid_type", fmt::format("csv.{} must be a string", name), "");
    return nullptr;
  }

  void read_quotes(CsvDialect& out) {
    const auto* quote = text("quote");
    if (quote != nullptr) {
      if (quote->text.empty())
        out.quote = '\0';
      else if (quote->text.size() == 1 && is_sign(quote->text[0]) && quote->text[0] != out.delimiter)
        out.quote = quote->text[0];
      else
        add(*quote, "quote", "invalid_value",
            "csv.quote must be one punctuation character other than the delimiter, or empty for no quotes",
            "");
    }
    out.escape = out.quote;
    const auto* escape = text("escape");
    if (escape == nullptr || escape->text.empty()) return;
    if (escape->text.size() == 1 && is_sign(escape->text[0]) && escape->text[0] != out.delimiter &&
        out.quote != '\0') {
      out.escape = escape->text[0];
    } else {
      add(*escape, "escape", "invalid_value",
          "csv.escape must be one punctuation character other than the delimiter, and requires csv.quote",
          "remove it if quotes in fields are doubled");
    }
  }

  void read_nulls(CsvDialect& out) {
    const auto* node = find("null");
    if (node == nullptr) return;
    std::vector<std::string> nulls;
    bool good = node->kind == JsonNode::Kind::string || node->kind == JsonNode::Kind::array;
    const auto take = [&](const JsonNode& item) {
      good = good && item.kind == JsonNode::Kind::string && item.text.size() <= kMaxNullLength &&
             item.text.find_first_of(std::string("\r\n\0", 3) + out.delimiter) == std::string::npos;
      if (good) nulls.push_back(item.text);
    };
    if (node->kind == JsonNode::Kind::string) take(*node);
    for (const JsonNode& item : node->items) take(item);
    if (!good || nulls.empty() || nulls.size() > kMaxNulls) {
      add(*node, "null", "invalid_value",
          fmt::format("csv.null must be a string, or a list of 1 to {} strings of at most {} bytes, without "
                      "delimiters or line breaks",
                      kMaxNulls, kMaxNullLength),
          R"(for example "NA" or ["", "NA"])");
      return;
    }
    out.nulls = std::move(nulls);
  }

  std::string format(const char* name) {
    const auto* node = text(name);
    if (node == nullptr || node->text.empty()) return {};
    const auto parsed = TimeFormat::parse(node->text);
    if (parsed) return node->text;
    add(*node, name, "invalid_value", fmt::format("csv.{}: {}", name, parsed.error()),
        "for example %d.%m.%Y or %m/%d/%Y %H:%M:%S");
    return {};
  }

  const JsonNode& block_;
  const ReportFinding& report_;
};

}  // namespace

CsvDialect read_csv_block(const JsonNode& block, const ReportFinding& report) {
  return BlockReader(block, report).read();
}

}  // namespace offloader::manifest
