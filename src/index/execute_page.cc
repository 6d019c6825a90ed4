#include <algorithm>
#include <optional>

#include "answer_batch.h"
#include "execute_parts.h"
#include "offloader/rows/page_end.h"
#include "order.h"
#include "scan.h"
#include "seek.h"
#include "top_rows.h"

namespace offloader::index {
namespace {

using catalog::ColumnType;

struct Candidate {
  std::uint64_t rank;  // by the first order key
  std::uint32_t row;
};

struct Scratch {
  std::vector<SortKey> order;
  std::vector<std::uint32_t> rows;
  std::vector<Candidate> candidates;
};

constexpr std::size_t kKeptRows = 1 << 18;  // larger vectors are freed after the request

Scratch& scratch() {
  thread_local Scratch mine;
  return mine;
}

// Collects the page's rows when they are stored in the order of the first `stored` keys. Takes as many as the
// page needs, continues to the end of the last run of equal rows, and sorts each run by the remaining keys.
Found gather_stored(const Lookup& lookup, const std::vector<SortKey>& order, std::size_t stored,
                    const PageBounds& page, const SeekRow* seek, const CancelFlag* cancel, std::size_t most,
                    std::vector<std::uint32_t>& rows) {
  const bool forward = order.empty() || !order[0].descending;
  const auto same_run = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t k = 0; k < stored; ++k) {
      if (order[k].compare(a, b) != 0) return false;
    }
    return true;
  };
  const bool complete = stored == order.size();
  // Rows alike with the seek in the stored keys are compared by the next key; mostly, that decides.
  const bool in_run = seek != nullptr && stored > 0 && !complete;
  const auto least = in_run ? seek->rank(stored, order[stored]) : std::nullopt;
  const std::uint32_t run_end = least ? end_of_alike(*seek, forward, stored, lookup) : 0;
  const auto before = [&](std::uint32_t row) {
    if (!least) return seek->before(row);
    if (forward ? row >= run_end : row < run_end) return false;
    const std::uint64_t rank = order[stored].rank(order[stored].column->order_key(row));
    return rank == *least ? seek->before(row) : rank < *least;
  };
  bool too_many = false;
  const auto take = [&](std::uint32_t row) {
    if (seek != nullptr && before(row)) return true;
    if (rows.size() >= page.wanted() && (complete || !same_run(rows.back(), row))) return false;
    if (rows.size() >= most) {
      too_many = true;
      return false;
    }
    rows.push_back(row);
    return true;
  };
  const bool finished = scan_rows(lookup, forward, cancel, [&](std::span<const std::uint32_t> batch) {
    if (forward) return std::all_of(batch.begin(), batch.end(), take);
    return std::all_of(batch.rbegin(), batch.rend(), take);
  });
  if (!finished) return Found::cancelled;
  if (too_many) return Found::too_many;
  if (complete) return Found::complete;
  const auto less = [&](std::uint32_t a, std::uint32_t b) { return compare_rows(order, stored, a, b) < 0; };
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && same_run(rows[begin], rows[end])) ++end;
    // The order of a run that ends before the page does not matter, nor that of rows after the page.
    if (end > page.first && end - begin > 1) {
      const std::size_t ordered = std::clamp<std::uint64_t>(page.wanted(), begin, end);
      std::partial_sort(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                        rows.begin() + static_cast<std::ptrdiff_t>(ordered),
                        rows.begin() + static_cast<std::ptrdiff_t>(end), less);
    }
    begin = end;
  }
  return Found::complete;
}

// Collects the first `page.wanted()` rows when they are stored in another order. Keeps up to twice as many
// candidates, or 2048 if that is more, and then cuts them back to the best.
Found gather_top(const Lookup& lookup, const std::vector<SortKey>& order, const PageBounds& page,
                 const SeekRow* seek, const CancelFlag* cancel, std::size_t most, Scratch& own) {
  std::vector<Candidate>& kept = own.candidates;
  kept.clear();
  const SortKey& first = order[0];
  const bool by_document = first.column->type == ColumnType::json;
  const auto less = [&](const Candidate& a, const Candidate& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    return compare_rows(order, by_document ? 0 : 1, a.row, b.row) < 0;
  };
  const std::uint64_t wanted = page.wanted();
  const std::uint64_t full = std::max<std::uint64_t>(wanted * 2, 2048);
  // Rows before the seek and rows that are worse than those kept fail the same comparison, which wraps
  // around.
  const std::uint64_t least = seek != nullptr ? seek->rank(0, first).value_or(0) : 0;
  std::uint64_t span = ~least;  // from the least to the worst rank of a row that may be kept
  bool too_many = false;
  const bool finished = scan_rows(lookup, true, cancel, [&](std::span<const std::uint32_t> batch) {
    for (const std::uint32_t row : batch) {
      const std::uint64_t rank = by_document ? 0 : first.rank(first.column->order_key(row));
      if (rank - least > span || (seek != nullptr && seek->before(row))) continue;
      kept.push_back({rank, row});
      if (kept.size() >= full) {
        const auto cut = kept.begin() + static_cast<std::ptrdiff_t>(wanted) - 1;
        std::nth_element(kept.begin(), cut, kept.end(), less);
        span = cut->rank - least;
        kept.resize(wanted);
      }
    }
    too_many = kept.size() > most;
    return !too_many;
  });
  if (!finished) return Found::cancelled;
  if (too_many) return Found::too_many;
  const auto sorted_to =
      kept.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(wanted, kept.size()));
  std::partial_sort(kept.begin(), sorted_to, kept.end(), less);
  for (auto it = kept.begin(); it != sorted_to; ++it) own.rows.push_back(it->row);
  return Found::complete;
}

// Collects the rows of the page and one more. Sets `page` to its bounds among the collected rows.
Found gather_page(const Reader& reader, const Lookup& lookup, const SeekRow* seek, const CancelFlag* cancel,
                  std::size_t most, Scratch& own, PageBounds& page) {
  const std::size_t stored = stored_order(own.order, reader, lookup);
  Lookup range = lookup;
  std::uint64_t skipped = 0;
  if (stored == own.order.size() && !lookup.filters_rows() && seek == nullptr) {
    // No predicates, and the stored order is the wanted one: the page is a contiguous part of the range.
    skipped = std::min<std::uint64_t>(page.first, range.end - range.begin);
    if (own.order.empty() || !own.order[0].descending) {
      range.begin += static_cast<std::uint32_t>(skipped);
    } else {
      range.end -= static_cast<std::uint32_t>(skipped);
    }
  }
  page.first -= std::min(page.first, skipped);
  page.last -= std::min(page.last, skipped);
  return stored > 0 || own.order.empty()
             ? gather_stored(range, own.order, stored, page, seek, cancel, most, own.rows)
             : gather_top(range, own.order, page, seek, cancel, most, own);
}

// Collects the first rows of each group of the plan's top, and sorts those that the page needs.
Found gather_top_rows(const query::PlanShape& shape, const Reader& reader, const Lookup& lookup,
                      const std::vector<SortKey>& order, const PageBounds& page, const SeekRow* seek,
                      const CancelFlag* cancel, std::size_t most, std::vector<std::uint32_t>& rows) {
  const Found found = find_top_rows(shape, reader, lookup, cancel, most, rows);
  if (found != Found::complete) return found;
  if (seek != nullptr) std::erase_if(rows, [&](std::uint32_t row) { return seek->before(row); });
  const auto sorted_to =
      rows.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(page.wanted(), rows.size()));
  std::partial_sort(rows.begin(), sorted_to, rows.end(),
                    [&](std::uint32_t a, std::uint32_t b) { return compare_rows(order, 0, a, b) < 0; });
  return found;
}

void gather_rows(const Reader& reader, const rows::Columns& columns, std::span<const std::uint32_t> rows,
                 AnswerBatch& batch) {
  batch.begin(rows.size());
  for (std::size_t c = 0; c < columns.size(); ++c)
    batch.gather(c, *reader.column(columns.projection(c).column), rows);
}

// Writes rows, and says that they are good unless the file turned out to be broken while they were read.
Result<void> write_batch(const Reader& reader, AnswerBatch& batch, rows::Writer& writer) {
  if (auto written = writer.write(batch.get()); !written) return written;
  if (reader.broken()) return fail(Reader::broken_error());
  return writer.flush();
}

Result<void> write_rows(const query::Plan& plan, const Reader& reader, std::span<const std::uint32_t> page,
                        rows::Writer& writer, const CancelFlag* cancel) {
  const rows::Columns columns(plan);
  if (auto begun = writer.begin(columns); !begun) return begun;
  AnswerBatch batch(columns.size());
  for (std::size_t at = 0; at < page.size(); at += rows::kBatchRows) {
    if (cancel != nullptr && cancel->cancelled()) return fail(ErrorCode::cancelled, "cancelled");
    const auto rows = page.subspan(at, std::min(rows::kBatchRows, page.size() - at));
    gather_rows(reader, columns, rows, batch);
    if (auto written = write_batch(reader, batch, writer); !written) return written;
  }
  return writer.finish();
}

// Writes the page of rows in the order in which they are stored, block by block: such an answer may be as
// long as the table.
Result<rows::Written> stream_rows(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                                  rows::Writer& writer, const CancelFlag* cancel) {
  const rows::Columns columns(plan);
  if (auto begun = writer.begin(columns); !begun) return fail(std::move(begun.error()));
  AnswerBatch batch(columns.size());
  auto skipped = static_cast<std::uint64_t>(plan.offset);
  auto left = static_cast<std::uint64_t>(plan.limit);
  rows::Written out;
  Result<void> written;
  const bool finished = scan_rows(lookup, true, cancel, [&](std::span<const std::uint32_t> rows) {
    const std::size_t skips = std::min<std::uint64_t>(skipped, rows.size());
    skipped -= skips;
    rows = rows.subspan(skips);
    out.has_more = rows.size() > left;
    rows = rows.first(std::min<std::uint64_t>(left, rows.size()));
    if (rows.empty()) return !out.has_more;
    left -= rows.size();
    out.rows += static_cast<std::int64_t>(rows.size());
    gather_rows(reader, columns, rows, batch);
    written = write_batch(reader, batch, writer);
    return written && !out.has_more;
  });
  if (!written) return fail(std::move(written.error()));
  if (!finished) return fail(ErrorCode::cancelled, "cancelled");
  if (auto ended = writer.finish(); !ended) return fail(std::move(ended.error()));
  return out;
}

const SeekRow* at(const std::optional<SeekRow>& seek) {
  return seek ? &*seek : nullptr;
}

// Begins the page earlier if fewer rows than it skips are alike in the keys of the seek.
void skip_alike(const SeekRow& seek, std::span<const std::uint32_t> rows, PageBounds& page) {
  std::uint64_t alike = 0;
  while (alike < page.first && alike < rows.size() && seek.compare(rows[alike]) == 0) ++alike;
  page.last -= page.first - alike;
  page.first = alike;
}

void shrink(Scratch& own) {
  if (own.rows.capacity() > kKeptRows) own.rows = {};
  if (own.candidates.capacity() > kKeptRows) own.candidates = {};
}

}  // namespace

Result<rows::Written> execute_page(const query::Plan& plan, const Reader& reader, const Lookup& lookup,
                                   rows::Writer& writer, const CancelFlag* cancel, const Limits& limits) {
  const query::PlanShape& shape = *plan.shape;
  if (shape.order.empty() && !shape.top && !plan.after && !plan.wants_end)
    return stream_rows(plan, reader, lookup, writer, cancel);
  Scratch& own = scratch();
  own.rows.clear();
  resolve_order(shape.order, shape, reader, lookup, own.order);
  std::optional<SeekRow> seek;
  if (plan.after) {
    seek = resolve_seek(plan, reader, lookup);
    if (!seek) return fail(ErrorCode::too_large, "the index does not have the keys of the cursor");
  }
  const PageBounds page(plan);
  PageBounds rest = page;
  // How many rows of the seek are skipped shows only once they are found.
  if (seek) rest.first = 0;
  const Found gathered = shape.top
                             ? gather_top_rows(shape, reader, lookup, own.order, page, at(seek), cancel,
                                               limits.candidates, own.rows)
                             : gather_page(reader, lookup, at(seek), cancel, limits.candidates, own, rest);
  if (gathered == Found::cancelled) return fail(ErrorCode::cancelled, "cancelled");
  if (gathered == Found::too_many) return fail(ErrorCode::too_large, "too many rows to order");
  if (seek) {
    rest = page;
    skip_alike(*seek, own.rows, rest);
  }
  const std::uint64_t last = std::min<std::uint64_t>(rest.last, own.rows.size());
  const std::uint64_t first = std::min(rest.first, last);
  const auto written =
      write_rows(plan, reader, std::span(own.rows).subspan(first, last - first), writer, cancel);
  rows::Written counted;
  counted.rows = static_cast<std::int64_t>(last - first);
  counted.has_more = own.rows.size() > rest.last;
  if (written && plan.wants_end && counted.has_more) {
    rows::PageEndWriter end;
    if (auto read = write_rows(rows::plan_of_keys(plan), reader,
                               std::span(own.rows).subspan(first, last - first), end, cancel);
        !read)
      return fail(std::move(read.error()));
    counted.end = end.take_end();
  }
  shrink(own);
  if (!written) return fail(written.error());
  return counted;
}

}  // namespace offloader::index
