#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exchange.h"
#include "offloader/base/seal.h"
#include "offloader/query/cursor.h"

namespace offloader::api {

// What a request for a page by cursor needs to begin the page and to make the next cursor. Only endpoints
// with `pagination.cursor` have it. Belongs to its exchange.
struct PageCursor {
  std::string binding;                    // what the cursors of the request are bound to
  query::RequestMoment moment{};          // of the first page
  std::optional<query::Cursor> before{};  // the one that was sent; nullopt: the first page
  query::Plan start{};                    // the shape, and where the page begins
  bool changed = false;                   // the page is of another snapshot than `before` names
  std::string link{};                     // the target of the next page up to its cursor; empty: no Link
  std::string next{};                     // set by the cursor stage; empty: no more rows
};

// The cursors of one master secret. Immutable; any thread may call it.
class Cursors {
 public:
  // Cursors of more bytes are not read, and not made.
  static constexpr std::size_t kMostText = 4 << 10;
  // Beyond so many bytes there is no Link, because the next request may not fit into a request line.
  static constexpr std::size_t kMostLink = 1 << 10;
  explicit Cursors(std::shared_ptr<const Seal> seal) : seal_(std::move(seal)) {}

  // Begins the page of a request with these params. The moment is left to the caller unless a cursor that was
  // sent has one. Requires: the endpoint has cursors.
  [[nodiscard]] std::shared_ptr<PageCursor> begin(const Exchange& exchange,
                                                  const query::Params& params) const;

  // Opens the text of a cursor. Returns nullopt unless set_next() made it for this binding.
  [[nodiscard]] std::optional<query::Cursor> open(std::string_view text, const std::string& binding) const;

  // Sets the cursor after the page. Requires: the exchange has an answer with an end.
  void set_next(const Exchange& exchange, PageCursor& page) const;

 private:
  std::shared_ptr<const Seal> seal_;
};

}  // namespace offloader::api
