#pragma once

// Macros for Clang's thread safety analysis (-Wthread-safety, in the presets that compile with Clang): which
// lock guards a member, and which locks a function acquires or needs. They are empty for other compilers. The
// names follow Clang's documentation.
#if defined(__clang__)
#define OFFLOADER_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define OFFLOADER_THREAD_ANNOTATION(x)
#endif

// On classes: a lock, and an object that holds one during its lifetime.
#define OFFLOADER_CAPABILITY(name) OFFLOADER_THREAD_ANNOTATION(capability(name))
#define OFFLOADER_SCOPED_CAPABILITY OFFLOADER_THREAD_ANNOTATION(scoped_lockable)

// On members: accessed only with the lock held. PT_ is for pointers and refers to what they point at.
#define OFFLOADER_GUARDED_BY(lock) OFFLOADER_THREAD_ANNOTATION(guarded_by(lock))
#define OFFLOADER_PT_GUARDED_BY(lock) OFFLOADER_THREAD_ANNOTATION(pt_guarded_by(lock))

// On functions and lambdas: called with the locks held, or without them.
#define OFFLOADER_REQUIRES(...) OFFLOADER_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define OFFLOADER_EXCLUDES(...) OFFLOADER_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

// On functions: acquire the locks, release them, or acquire them when returning `result`.
#define OFFLOADER_ACQUIRE(...) OFFLOADER_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define OFFLOADER_RELEASE(...) OFFLOADER_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define OFFLOADER_TRY_ACQUIRE(result, ...) \
  OFFLOADER_THREAD_ANNOTATION(try_acquire_capability(result __VA_OPT__(, ) __VA_ARGS__))

// On functions that the analysis cannot follow. Each use says why.
#define OFFLOADER_NO_THREAD_SAFETY_ANALYSIS OFFLOADER_THREAD_ANNOTATION(no_thread_safety_analysis)
