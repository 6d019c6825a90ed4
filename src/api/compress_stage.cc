#include "compress_stage.h"

#include "compression.h"
#include "meta.h"

namespace offloader::api {

Result<Step> CompressStage::run(Exchange& exchange) const {
  if (exchange.encoding == serving::Encoding::identity) return Step::next;
  if (const auto* const made = exchange.answer->compressed(exchange.encoding); made != nullptr) {
    // It may not have fitted into the cache yet, or its client was gone when it was done.
    if (made->counted->is_counted()) account(exchange);
    return Step::next;
  }
  if (!worth_it(exchange)) return Step::next;
  if (exchange.answer->prefix().size() <= kCompressInline) {
    ensure_compressed(*exchange.answer, exchange.encoding, memory_);
    account(exchange);
    return Step::next;
  }
  const auto kept = Exchange::keep(std::move(exchange));
  const bool queued = compressor_.submit(
      {kept->answer, kept->encoding, kept->principal->fairness_class, *kept->gone, [this, kept] {
         account(*kept);
         resume_(*kept);
       }});
  if (!queued) resume_(*kept);
  return Step::finished;
}

// Returns whether the whole body, including its meta, exceeds kCompressFrom.
bool CompressStage::worth_it(const Exchange& exchange) const {
  const std::size_t prefix = exchange.answer->prefix().size();
  if (prefix >= kCompressFrom) return true;
  if (exchange.answer->format() != rows::Format::json) return false;
  return prefix + meta_of(exchange, serving::CacheResult::miss, clock_.now()).size() > kCompressFrom;
}

void CompressStage::account(const Exchange& exchange) const {
  if (!exchange.cache_key.empty()) cache_.grown(exchange.cache_key);
}

}  // namespace offloader::api
