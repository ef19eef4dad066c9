// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two users of VFIO with an edu device each. Each lets its device read every
 * STEP-th address below END, and the addresses that the other user's secret has
 * in physical memory and in the other's address space. It finds the secret only
 * if the device can reach the other's memory.
 *
 * With "shared", the first user maps the secret of the second for its device, at
 * its physical address. Then it must find it there: this tests the search.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edu.h"
#include "pci.h"
#include "vfio.h"

#define SECRET_BYTES 32
#define BATCH (EDU_BUFFER_SIZE / SECRET_BYTES)

struct user {
	const char *bdf;
	const char *group;
	uint64_t iova;		/* of its secret; its results are a page higher */
	char *secret;		/* a page that consists of copies of it */
	uint64_t physical;
	volatile int ready;
	volatile int done;
	int own;		/* its device finds its own secret */
	unsigned long read;
	unsigned long found;
};

struct search {
	struct user *user;
	struct user *other;
	volatile void *bar;
	char *results;
	unsigned int pending;
};

static void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED || mlock(memory, size))
		die("shared memory");
	return memory;
}

static void new_secret(struct user *user)
{
	unsigned int i;

	user->secret = shared_memory(PAGE_BYTES);
	if (getrandom(user->secret, SECRET_BYTES, 0) != SECRET_BYTES)
		die("getrandom");
	for (i = SECRET_BYTES; i < PAGE_BYTES; i++)
		user->secret[i] = user->secret[i - SECRET_BYTES];
	user->physical = physical_address(user->secret);
}

/* Empties the device's buffer: a read that is blocked leaves it as it is. */
static void clear(struct search *search)
{
	memset(search->results, 0, PAGE_BYTES);
	edu_dma(search->bar, EDU_READ_MEMORY, search->user->iova + PAGE_BYTES,
		EDU_BUFFER_SIZE);
	search->pending = 0;
}

/* Counts the copies of @secret that the device has read. */
static unsigned long collect(struct search *search, const char *secret)
{
	unsigned long found = 0;
	unsigned int i;

	edu_dma(search->bar, EDU_WRITE_MEMORY, search->user->iova + PAGE_BYTES,
		EDU_BUFFER_SIZE);
	for (i = 0; i < BATCH; i++)
		found += !memcmp(search->results + i * SECRET_BYTES, secret,
				 SECRET_BYTES);
	if (found)
		clear(search);
	search->pending = 0;
	return found;
}

static void look_at(struct search *search, uint64_t address)
{
	edu_dma_at(search->bar, EDU_READ_MEMORY, address,
		   search->pending * SECRET_BYTES, SECRET_BYTES);
	search->user->read++;
	if (++search->pending == BATCH)
		search->user->found += collect(search, search->other->secret);
}

static void wait_for(volatile int *flag)
{
	while (!*flag)
		usleep(100000);
}

static void run(struct user *user, struct user *other, uint64_t step,
		uint64_t end, int shared)
{
	struct search search = { .user = user, .other = other };
	struct vfio vfio = { };
	uint64_t address;

	vfio_claim(&vfio, user->group);
	vfio_open(&vfio, user->bdf);
	search.bar = vfio_map_bar0(&vfio, EDU_BAR_SIZE);
	search.results = new_memory(PAGE_BYTES);
	vfio_map(&vfio, user->secret, user->iova, PAGE_BYTES,
		 VFIO_READ | VFIO_WRITE);
	vfio_map(&vfio, search.results, user->iova + PAGE_BYTES, PAGE_BYTES,
		 VFIO_READ | VFIO_WRITE);
	if (shared)
		vfio_map(&vfio, other->secret, other->physical, PAGE_BYTES,
			 VFIO_READ);
	user->ready = 1;
	wait_for(&other->ready);

	clear(&search);
	edu_dma_at(search.bar, EDU_READ_MEMORY, user->iova, 0, SECRET_BYTES);
	user->own = collect(&search, user->secret) == 1;
	for (address = 0; address < end; address += step)
		look_at(&search, address);
	/* The step may miss the page; and the other maps it elsewhere. */
	if (other->physical % step)
		look_at(&search, other->physical);
	look_at(&search, other->iova);
	user->found += collect(&search, other->secret);
	user->done = 1;
	/* Its memory stays mapped meanwhile. */
	wait_for(&other->done);
}

static void start(struct user *user, struct user *other, uint64_t step,
		  uint64_t end, int shared)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		run(user, other, step, end, shared);
		exit(0);
	}
}

int main(int argc, char **argv)
{
	struct user *users = shared_memory(2 * sizeof(*users));
	int i, status, failed = 0;
	uint64_t step, end;

	if (argc < 7) {
		fprintf(stderr, "usage: isolated DEVICE GROUP DEVICE GROUP STEP END [shared]\n");
		return 2;
	}
	step = strtoull(argv[5], NULL, 0);
	end = strtoull(argv[6], NULL, 0);
	for (i = 0; i < 2; i++) {
		users[i].bdf = argv[1 + 2 * i];
		users[i].group = argv[2 + 2 * i];
		users[i].iova = (i + 1) * 0x100000000ULL;
		new_secret(&users[i]);
	}
	for (i = 0; i < 2; i++)
		start(&users[i], &users[!i], step, end,
		      argc > 7 && !i);
	for (i = 0; i < 2; i++) {
		if (wait(&status) < 0 || status) {
			/* The other one would wait for it. */
			users[0].ready = 1;
			users[1].ready = 1;
			users[0].done = 1;
			users[1].done = 1;
			failed = 1;
		}
	}
	printf("own=%d,%d read=%lu,%lu found=%lu,%lu\n", users[0].own,
	       users[1].own, users[0].read, users[1].read, users[0].found,
	       users[1].found);
	return failed ? 3 : 0;
}
