#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "finish.h"
#include "stage.h"

namespace offloader::api {

// The stages of a route, in order. An error of a stage refuses the exchange. Immutable; thread-safe.
template <typename... Stages>
class Pipeline {
 public:
  explicit Pipeline(const Finish& finish, Stages... stages)
      : finish_(finish), stages_(std::move(stages)...) {}

  void run(Exchange& exchange) const { run_from_place<0>(exchange); }

  // Runs the stages from the first one of this type on, or those after it.
  template <typename Stage>
  void run_from(Exchange& exchange) const {
    run_from_place<place_of<Stage>()>(exchange);
  }
  template <typename Stage>
  void run_after(Exchange& exchange) const {
    run_from_place<place_of<Stage>() + 1>(exchange);
  }

 private:
  template <typename Stage, std::size_t Place = 0>
  static constexpr std::size_t place_of() {
    if constexpr (std::is_same_v<Stage, std::tuple_element_t<Place, std::tuple<Stages...>>>) {
      return Place;
    } else {
      return place_of<Stage, Place + 1>();
    }
  }

  template <std::size_t First>
  void run_from_place(Exchange& exchange) const {
    [&]<std::size_t... Place>(std::index_sequence<Place...>) {
      static_cast<void>((... && passes(std::get<First + Place>(stages_), exchange)));
    }(std::make_index_sequence<sizeof...(Stages) - First>());
  }

  template <typename Stage>
  [[nodiscard]] bool passes(const Stage& stage, Exchange& exchange) const {
    const Result<Step> step = stage.run(exchange);
    if (!step) finish_.refused(exchange, step.error());
    return step && *step == Step::next;
  }

  const Finish& finish_;
  const std::tuple<Stages...> stages_;
};

}  // namespace offloader::api
