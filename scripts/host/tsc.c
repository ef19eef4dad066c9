// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the frequency of the host's time stamp counter in kHz. Guests under
 * TCG see this counter. Their own calibration is wrong when the virtual CPU has
 * to wait for a CPU of the host.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#define SAMPLES 9
#define WINDOW_NS 5000000

struct stamp {
	int64_t ns;
	int64_t ticks;
};

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Reads both clocks, and repeats that if the reads are more than 2 us apart. */
static struct stamp stamp_now(void)
{
	struct stamp stamp;
	int64_t before;
	int tries = 1000;

	do {
		before = now_ns();
		stamp.ticks = __rdtsc();
		stamp.ns = now_ns();
	} while (stamp.ns - before > 2000 && --tries);
	return stamp;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	int64_t khz[SAMPLES];
	int i;

	for (i = 0; i < SAMPLES; i++) {
		struct stamp from = stamp_now(), to;

		do {
			to = stamp_now();
		} while (to.ns - from.ns < WINDOW_NS);
		khz[i] = (to.ticks - from.ticks) * 1000000 / (to.ns - from.ns);
	}
	qsort(khz, SAMPLES, sizeof(khz[0]), compare);
	printf("%lld\n", (long long)khz[SAMPLES / 2]);
	return 0;
}
