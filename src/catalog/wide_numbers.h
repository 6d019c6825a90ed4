#pragma once

#include "select_block.h"

namespace offloader::catalog {

// Warns of selects whose numbers JSON readers may round, because they hold them in doubles: integers past
// 2^53 and decimals of more than 15 digits. A sum counts as wide only if the values that it adds are: with
// narrower ones it takes millions of rows of the largest value. Requires: `endpoint.select` is read.
void warn_of_wide_numbers(const Selects& selects, const Endpoint& endpoint);

}  // namespace offloader::catalog
