#include "caller_block.h"

#include <algorithm>

#include "column_names.h"

namespace offloader::catalog {

void read_sortable(const Fields& fields, const Selects& selects, Endpoint& endpoint) {
  endpoint.sortable =
      read_names(fields.list("sortable", Need::optional), selects, Names::sortable, "`sortable`");
}

void read_totals(const Fields& fields, const Selects& selects, Endpoint& endpoint) {
  for (const Value& item : fields.list("totals", Need::optional)) {
    const auto word = as_text(item);
    if (!word) continue;
    if (std::find(kTotals.begin(), kTotals.end(), *word) == kTotals.end()) {
      item.report("invalid_value", "unknown total " + item.source->quote(*word),
                  [&] { return hint_for_words(*word, kTotals); });
      continue;
    }
    bool& asked = *word == "rows" ? endpoint.totals.rows : endpoint.totals.grand;
    if (asked) item.report("invalid_value", "\"" + *word + "\" is listed twice", "remove one of them");
    asked = true;
    const bool aggregated = std::any_of(selects.list().begin(), selects.list().end(),
                                        [](const SelectDraft& each) { return each.aggregated; });
    if (*word == "grand" && !aggregated) {
      item.report("invalid_value", "`grand` is one row of the aggregates, but `select` has none",
                  "select an aggregate, or remove `grand`");
    }
  }
}

CursorPaging read_cursor_paging(const Value& value) {
  if (!value.present()) return CursorPaging::off;
  if (value.node->kind == yaml::Kind::boolean)
    return is_true(*value.node) ? CursorPaging::on : CursorPaging::off;
  const auto word = as_scalar_text(value);
  if (!word) return CursorPaging::off;
  if (*word == "strict") return CursorPaging::strict;
  value.report("invalid_value", "`cursor` is " + value.source->quote(*word) + ", not true, false or strict",
               "write `cursor: true`, or `cursor: strict` if all pages must come from one snapshot");
  return CursorPaging::off;
}

}  // namespace offloader::catalog
