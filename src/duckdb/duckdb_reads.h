#pragma once

#if defined(__SANITIZE_THREAD__)
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}
#endif

namespace offloader::duckdb {

// Guards a scope that reads DuckDB's vectors. Their memory comes from DuckDB's own allocator and passes
// between threads under locks that the thread sanitizer does not see, because the library is prebuilt without
// it. The sanitizer would report a race on memory that another thread used before. While a guard exists, the
// sanitizer ignores the reads of this thread, and nothing else. In other builds it does nothing.
class DuckdbReads {
 public:
#if defined(__SANITIZE_THREAD__)
  DuckdbReads() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~DuckdbReads() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
#else
  DuckdbReads() {}
  ~DuckdbReads() {}
#endif
  DuckdbReads(const DuckdbReads&) = delete;
  DuckdbReads& operator=(const DuckdbReads&) = delete;
};

}  // namespace offloader::duckdb
