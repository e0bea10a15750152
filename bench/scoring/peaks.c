/* Peak rates of one core: independent chains of one instruction over registers. Prints 10^9 operations a second. */
#define _GNU_SOURCE
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

#define REPEATS 20000000L
#define ROUNDS 7

#if defined(MEASURE_fma_fp32)
#define CHAIN(i) "vfmadd231ps %%zmm30, %%zmm31, %%zmm" #i "\n\t"
#define OPERATIONS (12.0 * 16 * 2)
#elif defined(MEASURE_vnni_int8)
#define CHAIN(i) "vpdpbusd %%zmm30, %%zmm31, %%zmm" #i "\n\t"
#define OPERATIONS (12.0 * 64 * 2)
#endif

#if defined(CHAIN)
static void loop(long n) {
  for (long i = 0; i < n; i++)
    __asm__ volatile(CHAIN(0) CHAIN(1) CHAIN(2) CHAIN(3) CHAIN(4) CHAIN(5) CHAIN(6) CHAIN(7) CHAIN(8) CHAIN(9)
                         CHAIN(10) CHAIN(11)::
                         : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                           "xmm11");
}
static int ready(void) {
  __asm__ volatile("vpxorq %%zmm30, %%zmm30, %%zmm30\n\tvpxorq %%zmm31, %%zmm31, %%zmm31" ::: "xmm0");
  return 1;
}
#define COUNT REPEATS
#else
#define COUNT (REPEATS / 10)
#if defined(MEASURE_amx_int8)
#define TILE _tile_dpbusd
#define OPERATIONS (4.0 * 16 * 16 * 64 * 2)
#else
#define TILE _tile_dpbf16ps
#define OPERATIONS (4.0 * 16 * 16 * 32 * 2)
#endif
static void loop(long n) {
  for (long i = 0; i < n; i++) {
    TILE(0, 4, 6);
    TILE(1, 4, 7);
    TILE(2, 5, 6);
    TILE(3, 5, 7);
  }
}
static int ready(void) {
  /* ARCH_REQ_XCOMP_PERM for the tile data. */
  if (syscall(SYS_arch_prctl, 0x1023, 18) != 0) return 0;
  static uint8_t config[64] __attribute__((aligned(64)));
  memset(config, 0, sizeof config);
  config[0] = 1;
  for (int tile = 0; tile < 8; tile++) {
    ((uint16_t *)(config + 16))[tile] = 64;
    config[48 + tile] = 16;
  }
  _tile_loadconfig(config);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
  return 1;
}
#endif

int main(void) {
  if (!ready()) return 1;
  double best = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double start = now();
    loop(COUNT / ROUNDS);
    double took = now() - start;
    if (took < best) best = took;
  }
  printf("%.1f\n", (double)(COUNT / ROUNDS) * OPERATIONS / best / 1e9);
  return 0;
}
