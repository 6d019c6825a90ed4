#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "cursor_model.h"
#include "cursor_scene.h"

namespace offloader::app {

// A scene whose snapshots come and go while walks are under way. It knows which snapshot each page must be
// of, and which rows.
class CursorWalks : public CursorScene {
 protected:
  // A walk over an endpoint.
  struct Walk {
    std::string endpoint;
    items::WalkModel model;
    json given = json::array();
    std::string cursor{};    // empty: the first page comes next
    std::string snapshot{};  // of the last page
    bool ended = false;
    int moves = 0;  // pages on which the snapshot changed
  };

  [[nodiscard]] static Walk walk_of(const std::string& endpoint) {
    return {.endpoint = endpoint, .model = items::WalkModel(items::order_of(endpoint))};
  }

  // Starts with these rows as the snapshot `s1`.
  void begin(std::vector<items::Item> rows);
  // Activates a new snapshot with these rows.
  void publish(std::vector<items::Item> rows);
  // Goes back to the previous snapshot. The one that it replaces is quarantined.
  void go_back(bool force = false);
  [[nodiscard]] bool can_go_back() const { return !previous_.empty(); }

  // Takes the next page of a walk and checks it.
  void advance(Walk& walk, std::size_t size);
  // Takes pages until the end.
  void finish(Walk& walk, std::size_t size);

  // The rows of the snapshot that serves.
  [[nodiscard]] const std::vector<items::Item>& rows() const { return rows_.at(active_); }
  [[nodiscard]] const std::string& active() const { return active_; }
  // The whole answer of an endpoint from a snapshot that was active once.
  [[nodiscard]] const json& whole(const std::string& snapshot, const std::string& endpoint) const {
    return whole_.at(snapshot).at(endpoint);
  }

 private:
  void learn(std::vector<items::Item> rows);

  int number_ = 0;
  std::string active_;
  std::string previous_;
  std::string quarantined_;
  std::map<std::string, std::vector<items::Item>> rows_;
  std::map<std::string, std::map<std::string, json>> whole_;
};

// Returns rows as an upstream's next run has them: some are gone, some are new, some have other values.
[[nodiscard]] std::vector<items::Item> changed(std::vector<items::Item> rows, std::mt19937_64& random);

}  // namespace offloader::app
