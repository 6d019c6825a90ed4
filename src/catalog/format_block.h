#pragma once

#include "fields.h"
#include "offloader/catalog/catalog.h"

namespace offloader::catalog {

// Reads `formats`, `csv_guard` and `export` into the endpoint, whose pagination has been read.
void read_formats(const Fields& fields, Endpoint& endpoint);

}  // namespace offloader::catalog
