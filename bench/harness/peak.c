/* Peak arithmetic of one core: independent chains of multiply-adds in registers. peak fp32|int8|amx_int8|amx_bf16
 * prints giga-operations a second, a multiply-add counted as two. */
#define _GNU_SOURCE
#include <immintrin.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CHAINS 12

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

__attribute__((target("avx512f"))) static double fp32_512(long loops) {
  __m512 a0 = _mm512_setzero_ps(), a1 = _mm512_setzero_ps(), a2 = _mm512_setzero_ps(), a3 = _mm512_setzero_ps(), a4 = _mm512_setzero_ps(), a5 = _mm512_setzero_ps(), a6 = _mm512_setzero_ps(), a7 = _mm512_setzero_ps(), a8 = _mm512_setzero_ps(), a9 = _mm512_setzero_ps(), a10 = _mm512_setzero_ps(), a11 = _mm512_setzero_ps();
  __m512 b = _mm512_set1_ps(0.001f), c = b;
  for (long i = 0; i < loops; i++)
    asm volatile(
        "vfmadd231ps %[b], %[c], %[a0]\n"
        "vfmadd231ps %[b], %[c], %[a1]\n"
        "vfmadd231ps %[b], %[c], %[a2]\n"
        "vfmadd231ps %[b], %[c], %[a3]\n"
        "vfmadd231ps %[b], %[c], %[a4]\n"
        "vfmadd231ps %[b], %[c], %[a5]\n"
        "vfmadd231ps %[b], %[c], %[a6]\n"
        "vfmadd231ps %[b], %[c], %[a7]\n"
        "vfmadd231ps %[b], %[c], %[a8]\n"
        "vfmadd231ps %[b], %[c], %[a9]\n"
        "vfmadd231ps %[b], %[c], %[a10]\n"
        "vfmadd231ps %[b], %[c], %[a11]\n"
        : [a0] "+v"(a0), [a1] "+v"(a1), [a2] "+v"(a2), [a3] "+v"(a3), [a4] "+v"(a4), [a5] "+v"(a5), [a6] "+v"(a6), [a7] "+v"(a7), [a8] "+v"(a8), [a9] "+v"(a9), [a10] "+v"(a10), [a11] "+v"(a11)
        : [b] "v"(b), [c] "v"(c));
  return 2.0 * 16 * CHAINS * loops;
}

__attribute__((target("avx2,fma"))) static double fp32_256(long loops) {
  __m256 a0 = _mm256_setzero_ps(), a1 = _mm256_setzero_ps(), a2 = _mm256_setzero_ps(), a3 = _mm256_setzero_ps(), a4 = _mm256_setzero_ps(), a5 = _mm256_setzero_ps(), a6 = _mm256_setzero_ps(), a7 = _mm256_setzero_ps(), a8 = _mm256_setzero_ps(), a9 = _mm256_setzero_ps(), a10 = _mm256_setzero_ps(), a11 = _mm256_setzero_ps();
  __m256 b = _mm256_set1_ps(0.001f), c = b;
  for (long i = 0; i < loops; i++)
    asm volatile(
        "vfmadd231ps %[b], %[c], %[a0]\n"
        "vfmadd231ps %[b], %[c], %[a1]\n"
        "vfmadd231ps %[b], %[c], %[a2]\n"
        "vfmadd231ps %[b], %[c], %[a3]\n"
        "vfmadd231ps %[b], %[c], %[a4]\n"
        "vfmadd231ps %[b], %[c], %[a5]\n"
        "vfmadd231ps %[b], %[c], %[a6]\n"
        "vfmadd231ps %[b], %[c], %[a7]\n"
        "vfmadd231ps %[b], %[c], %[a8]\n"
        "vfmadd231ps %[b], %[c], %[a9]\n"
        "vfmadd231ps %[b], %[c], %[a10]\n"
        "vfmadd231ps %[b], %[c], %[a11]\n"
        : [a0] "+x"(a0), [a1] "+x"(a1), [a2] "+x"(a2), [a3] "+x"(a3), [a4] "+x"(a4), [a5] "+x"(a5), [a6] "+x"(a6), [a7] "+x"(a7), [a8] "+x"(a8), [a9] "+x"(a9), [a10] "+x"(a10), [a11] "+x"(a11)
        : [b] "x"(b), [c] "x"(c));
  return 2.0 * 8 * CHAINS * loops;
}

__attribute__((target("avx512f,avx512vnni"))) static double int8_512(long loops) {
  __m512i a0 = _mm512_setzero_si512(), a1 = _mm512_setzero_si512(), a2 = _mm512_setzero_si512(), a3 = _mm512_setzero_si512(), a4 = _mm512_setzero_si512(), a5 = _mm512_setzero_si512(), a6 = _mm512_setzero_si512(), a7 = _mm512_setzero_si512(), a8 = _mm512_setzero_si512(), a9 = _mm512_setzero_si512(), a10 = _mm512_setzero_si512(), a11 = _mm512_setzero_si512();
  __m512i b = _mm512_set1_epi8(1), c = b;
  for (long i = 0; i < loops; i++)
    asm volatile(
        "vpdpbusd %[b], %[c], %[a0]\n"
        "vpdpbusd %[b], %[c], %[a1]\n"
        "vpdpbusd %[b], %[c], %[a2]\n"
        "vpdpbusd %[b], %[c], %[a3]\n"
        "vpdpbusd %[b], %[c], %[a4]\n"
        "vpdpbusd %[b], %[c], %[a5]\n"
        "vpdpbusd %[b], %[c], %[a6]\n"
        "vpdpbusd %[b], %[c], %[a7]\n"
        "vpdpbusd %[b], %[c], %[a8]\n"
        "vpdpbusd %[b], %[c], %[a9]\n"
        "vpdpbusd %[b], %[c], %[a10]\n"
        "vpdpbusd %[b], %[c], %[a11]\n"
        : [a0] "+v"(a0), [a1] "+v"(a1), [a2] "+v"(a2), [a3] "+v"(a3), [a4] "+v"(a4), [a5] "+v"(a5), [a6] "+v"(a6), [a7] "+v"(a7), [a8] "+v"(a8), [a9] "+v"(a9), [a10] "+v"(a10), [a11] "+v"(a11)
        : [b] "v"(b), [c] "v"(c));
  return 2.0 * 64 * CHAINS * loops;
}

struct tile_config {
  unsigned char palette, start_row, reserved[14];
  unsigned short columns[16];
  unsigned char rows[16];
};

__attribute__((target("amx-tile"))) static int open_tiles(void) {
  struct tile_config config;
  if (syscall(SYS_arch_prctl, 0x1023, 18) != 0) return 0;
  memset(&config, 0, sizeof config);
  config.palette = 1;
  for (int t = 0; t < 8; t++) {
    config.columns[t] = 64;
    config.rows[t] = 16;
  }
  /* The intrinsic of GCC says that it reads eight bytes only. */
  asm volatile("" : : "r"(&config) : "memory");
  _tile_loadconfig(&config);
  return 1;
}

__attribute__((target("amx-tile,amx-int8"))) static double amx_int8(long loops) {
  if (!open_tiles()) return 0;
  for (long i = 0; i < loops; i++) {
    _tile_dpbusd(0, 6, 7);
    _tile_dpbusd(1, 6, 7);
    _tile_dpbusd(2, 6, 7);
    _tile_dpbusd(3, 6, 7);
  }
  _tile_release();
  return 2.0 * 16 * 16 * 64 * 4 * loops;
}

__attribute__((target("amx-tile,amx-bf16"))) static double amx_bf16(long loops) {
  if (!open_tiles()) return 0;
  for (long i = 0; i < loops; i++) {
    _tile_dpbf16ps(0, 6, 7);
    _tile_dpbf16ps(1, 6, 7);
    _tile_dpbf16ps(2, 6, 7);
    _tile_dpbf16ps(3, 6, 7);
  }
  _tile_release();
  return 2.0 * 16 * 16 * 32 * 4 * loops;
}

int main(int count, char **given) {
  const char *kind = count > 1 ? given[1] : "";
  double (*work)(long) = NULL;
  if (!strcmp(kind, "fp32_512")) work = fp32_512;
  if (!strcmp(kind, "fp32_256")) work = fp32_256;
  if (!strcmp(kind, "int8_512")) work = int8_512;
  if (!strcmp(kind, "amx_int8")) work = amx_int8;
  if (!strcmp(kind, "amx_bf16")) work = amx_bf16;
  if (!work) return 2;
  double best = 0;
  for (int repeat = 0; repeat < 7; repeat++) {
    double started = now(), done = 0;
    while (now() - started < 0.05) done += work(20000);
    double rate = done / (now() - started) * 1e-9;
    if (rate > best) best = rate;
  }
  printf("%.1f\n", best);
  return 0;
}
