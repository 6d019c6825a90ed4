#pragma once

#include "offloader/index/execute.h"

// The two kinds of plan, for execute() alone.
namespace offloader::index {

[[nodiscard]] Result<rows::Written> execute_page(const query::Plan& plan, const Reader& reader,
                                                 const Lookup& lookup, rows::Writer& writer,
                                                 const CancelFlag* cancel, const Limits& limits);
[[nodiscard]] Result<rows::Written> execute_groups(const query::Plan& plan, const Reader& reader,
                                                   const Lookup& lookup, rows::Writer& writer,
                                                   const CancelFlag* cancel, const Limits& limits);

}  // namespace offloader::index
