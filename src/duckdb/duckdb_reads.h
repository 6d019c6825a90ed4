#pragma once

#if defined(__SANITIZE_THREAD__)
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}
#endif

namespace offloader::duckdb {

// Stands around what reads DuckDB's vectors. Their memory comes from an allocator of DuckDB's own and is
// handed from thread to thread under locks that the thread sanitizer does not see, the library being prebuilt
// without it: a text that lies where another thread's buffer lay would be called a race. While one of these
// lives the sanitizer passes over this thread's reads, and over nothing else; in other builds it is nothing.
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
