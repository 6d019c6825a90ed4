#pragma once

#include "page_cursor.h"
#include "stage.h"

namespace offloader::api {

// Makes the cursor of the next page. Runs after the answer stage, which finds out where the page ends, and
// before the stages that write `meta`.
class CursorStage {
 public:
  explicit CursorStage(const Cursors& cursors) : cursors_(cursors) {}

  [[nodiscard]] Result<Step> run(Exchange& exchange) const {
    if (exchange.page && exchange.answer->end()) cursors_.set_next(exchange, *exchange.page);
    return Step::next;
  }

 private:
  const Cursors& cursors_;
};

}  // namespace offloader::api
