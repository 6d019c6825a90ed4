#include "format_stage.h"

#include "compression.h"

namespace offloader::api {

Result<Step> FormatStage::run(Exchange& exchange) const {
  exchange.format = rows::Format::json;
  exchange.encoding = negotiate(exchange.request->header("accept-encoding"));
  return Step::next;
}

}  // namespace offloader::api
