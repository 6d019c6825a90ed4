#include "format_block.h"

#include <limits>

namespace offloader::catalog {
namespace {

constexpr std::array<std::string_view, 2> kExportFields = {"max_rows", "concurrency"};
constexpr auto kWords = words_of(kFormats);
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostConcurrency = 64;

// Returns false if the list cannot be read.
bool read_list(const Fields& fields, Endpoint& endpoint) {
  bool json = false;
  const Value written = fields.at("formats");
  bool readable = !written.present() || written.node->kind == yaml::Kind::sequence;
  for (const Value& item : fields.list("formats", Need::optional)) {
    const auto word = as_text(item);
    if (!word) {
      readable = false;
      continue;
    }
    const FormatRow* const row = find_row(kFormats, &FormatRow::name, *word);
    if (row == nullptr) {
      item.report("invalid_value", "unknown format " + item.source->quote(*word),
                  [&] { return hint_for_words(*word, kWords); });
      readable = false;
      continue;
    }
    const bool repeated =
        row->format == Format::json ? std::exchange(json, true) : endpoint.offers(row->format);
    if (repeated) {
      item.report("invalid_value", "\"" + *word + "\" is listed twice", "remove one of them");
    } else if (row->format != Format::json) {
      endpoint.formats.push_back(row->format);
    }
  }
  return readable;
}

void read_export(const Value& at, bool formats_known, Endpoint& endpoint) {
  if (!at.present()) return;
  if (at.is_null()) return at.report("missing", "`export` is empty", "write `export: {max_rows: 1000000}`");
  const Fields fields(at, kExportFields, "write `export: {max_rows: 1000000}`");
  if (!fields.readable()) return;
  ExportOffer offer;
  const auto most = fields.integer("max_rows", Need::required, 1, kMost);
  offer.concurrency =
      fields.integer("concurrency", Need::optional, 1, kMostConcurrency).value_or(offer.concurrency);
  if (formats_known && !endpoint.offers_formats()) {
    at.report("invalid_value", "`export` is for formats other than json, and the endpoint has none",
              "add `formats: [csv]`, or remove `export`");
  }
  if (!most) return;
  if (*most < endpoint.max_limit) {
    fields.at("max_rows")
        .report("invalid_value",
                "max_rows (" + std::to_string(*most) + ") is less than the max_limit of a page (" +
                    std::to_string(endpoint.max_limit) + ")",
                "raise `max_rows`, or lower `max_limit`");
  }
  offer.max_rows = *most;
  endpoint.exports = offer;
}

}  // namespace

void read_formats(const Fields& fields, Endpoint& endpoint) {
  const bool known = read_list(fields, endpoint);
  endpoint.csv_guard = fields.boolean("csv_guard", Need::optional).value_or(false);
  if (known && endpoint.csv_guard && !endpoint.offers(Format::csv)) {
    fields.at("csv_guard")
        .report("invalid_value", "`csv_guard` changes CSV alone, which the endpoint does not offer",
                "add `csv` to `formats`, or remove `csv_guard`");
  }
  read_export(fields.written("export"), known, endpoint);
}

}  // namespace offloader::catalog
