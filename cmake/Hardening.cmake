# Flags that make memory faults harder to exploit. dev/scripts/hardening-check looks for each of them in the installed program, and a test
# removes each flag once. They do not apply to the prebuilt libduckdb.so.
#
# They are off with sanitizers, because FORTIFY would replace the sanitizers' own checks of memory calls. The compiler flags are also off in the
# debug presets, because FORTIFY needs optimization. The linker flags are the same in every preset.
set(OFFLOADER_HARDENING_COMPILE -fPIE -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  list(APPEND OFFLOADER_HARDENING_COMPILE -fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  list(APPEND OFFLOADER_HARDENING_COMPILE -mbranch-protection=standard)
endif()
set(OFFLOADER_HARDENING_DEFINE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
set(OFFLOADER_HARDENING_LINK -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)

if(NOT OFFLOADER_SANITIZE)
  target_compile_options(offloader_options INTERFACE
    "$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:${OFFLOADER_HARDENING_COMPILE};${OFFLOADER_HARDENING_DEFINE}>")
  target_link_options(offloader_options INTERFACE ${OFFLOADER_HARDENING_LINK})
endif()
