#include <utility>

#include "refresher_impl.h"

namespace offloader::refresh {

namespace {

constexpr std::size_t kManyKeys = 10'000;  // so many that their memory matters

}  // namespace

bool Refresher::Impl::apply(const std::shared_ptr<const catalog::Catalog>& catalog) {
  if (catalog->config_version == project_->catalog->config_version) return false;
  const bool many_keys = catalog->keys.size() + project_->catalog->keys.size() > kManyKeys;
  const auto project = project_of(catalog);
  const auto before = actors();
  auto next = std::make_shared<Actors>();
  std::vector<ActorPtr> removed;
  Offers offers;
  for (const auto& [id, actor] : *before) {
    if (!project->contracts.contains(id)) removed.push_back(actor);
  }
  for (const auto& [id, contract] : project->contracts) {
    const auto found = before->find(id);
    if (found != before->end()) {
      next->insert(*found);
    } else {
      remove_kept(context_, id);  // left by an earlier dataset of this name
      next->emplace(id, std::make_shared<DatasetActor>(context_, contract, false));
    }
    offers.emplace(id, Offer{});
  }
  std::vector<DatasetActor::Turn> turns;
  turns.reserve(before->size());
  const EscapeReport escaped = [this](std::string_view what) {
    log_.error("The new configuration is in force, but a step of switching to it failed.",
               {{"detail", what}});
  };
  {
    // Hold the turns of all datasets, so that contract and data change together.
    for (const auto& [id, actor] : *before) {
      const auto contract = project->contracts.find(id);
      const auto& turn = turns.emplace_back(actor);
      if (contract == project->contracts.end()) {
        actor->depart(turn);
      } else {
        actor->adopt(contract->second, turn);
      }
    }
    for (auto& [id, offer] : offers) offer = next->find(id)->second->offer();
    {
      const MutexLock lock(actors_mutex_);
      actors_ = next;
    }
    project_ = project;
    // If publishing throws, the loop repeats it.
    if (!run_guarded(escaped, [&] { publisher_.adopt(catalog, std::move(offers)); })) loop_.wake();
    turns.clear();
  }
  for (const ActorPtr& actor : removed) run_guarded(escaped, [&] { actor->remove(); });
  for (const auto& [id, actor] : *next) run_guarded(escaped, [&] { actor->follow_contract(); });
  if (many_keys) {
    memory_freed_ = true;
    loop_.wake();
  }
  return true;
}

}  // namespace offloader::refresh
