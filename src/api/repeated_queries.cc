#include "repeated_queries.h"

#include <functional>
#include <variant>

#include "exchange.h"
#include "read_audit.h"

namespace offloader::api {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

struct AppendTenant {
  std::string& out;

  void operator()(const std::string& text) const {
    out.push_back('s');
    append_number(out, text.size());
    out.append(text);
  }
  void operator()(std::int64_t number) const {
    out.push_back('i');
    append_number(out, static_cast<std::uint64_t>(number));
  }
};

// Writes what the question of a request depends on. Each part but the last has a size of its own, so no two
// requests have the same text by chance.
void write_query(std::string& out, const Exchange& exchange) {
  out.clear();
  append_number(out, exchange.generation->number);
  append_number(out, exchange.grant->endpoint);
  if (const auto& tenant = *exchange.grant->tenant; tenant) {
    std::visit(AppendTenant{out}, *tenant);
  } else {
    out.push_back('-');
  }
  out.append(exchange.request->query());
}

}  // namespace

bool RepeatedQueries::applies(const Exchange& exchange) const {
  const serving::ServedEndpoint& endpoint = *exchange.endpoint;
  return !audit_.on() && exchange.batch == nullptr && !exchange.is_post() && exchange.cached() &&
         endpoint.snapshot != nullptr && !endpoint.contract->pages_by_cursor() &&
         !endpoint.compiler->depends_on_moment() && exchange.request->query().size() < kMostBytes;
}

RepeatedQueries::Slot& RepeatedQueries::slot_of(Reader& reader, const Exchange& exchange, std::size_t& hash) {
  if (reader.slots.empty()) reader.slots.resize(kSlots);
  write_query(reader.query, exchange);
  hash = std::hash<std::string_view>{}(reader.query);
  return reader.slots[hash % kSlots];
}

const RepeatedQueries::Known* RepeatedQueries::find(const Exchange& exchange) {
  Reader& reader = readers_[exchange.request->io_thread()];
  std::size_t hash = 0;
  const Slot& slot = slot_of(reader, exchange, hash);
  return slot.hash == hash && slot.query == reader.query ? &slot.known : nullptr;
}

void RepeatedQueries::keep(const Exchange& exchange, std::string_view question) {
  Reader& reader = readers_[exchange.request->io_thread()];
  std::size_t hash = 0;
  Slot& slot = slot_of(reader, exchange, hash);
  if (reader.query.size() + question.size() > kMostBytes) return;
  slot.query.clear();  // if there is no memory for the rest, the slot matches no request
  slot.hash = hash;
  slot.known.question.assign(question);
  slot.known.offset = exchange.offset;
  slot.query = reader.query;
}

}  // namespace offloader::api
