/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What diagnostics found: the unit, its notes, and its pending faults.
 */
#ifndef NYX_KUNIT_DIAGNOSE_H
#define NYX_KUNIT_DIAGNOSE_H

#include <kunit/test.h>
#include <linux/string.h>
#include <nyx/diagnose.h>
#include <nyx/fault.h>

/**
 * struct diag_faults - the faults that a unit has pending
 * @fault: the first of them
 * @nr: number of all
 * @max: no more than this are asked for; 0: no limit
 */
struct diag_faults {
	struct nyx_fault fault[16];
	unsigned int nr;
	unsigned int max;
};

/* Those that diag_read() read last. */
static struct diag_faults diag_faults;

static inline bool diag_found(const struct nyx_diag_unit *unit,
			      const struct nyx_fault *fault, void *arg)
{
	struct diag_faults *faults = arg;

	if (faults->nr < ARRAY_SIZE(faults->fault))
		faults->fault[faults->nr] = *fault;
	return ++faults->nr != faults->max;
}

/* Reads the faults that are pending. Returns their number, up to @max. */
static inline unsigned int diag_read(const struct nyx_diag_unit *unit,
				     unsigned int max)
{
	diag_faults = (struct diag_faults) { .max = max };
	unit->ops->read_faults(unit, diag_found, &diag_faults);
	return diag_faults.nr;
}

/* The only unit; NULL if there is none, or several. */
static inline const struct nyx_diag_unit *diag_only(void)
{
	if (!list_is_singular(&nyx_diag_units))
		return NULL;
	return list_first_entry(&nyx_diag_units, struct nyx_diag_unit, node);
}

static inline unsigned int diag_notes(const char *text)
{
	const struct nyx_diag_note *note;
	unsigned int n = 0;

	list_for_each_entry(note, &nyx_diag_notes, node)
		n += !!strstr(note->text, text);
	return n;
}

static inline struct nyx_diag_state diag_state(const struct nyx_diag_unit *unit)
{
	struct nyx_diag_state state;

	unit->ops->read_state(unit, &state);
	return state;
}

static inline void diag_release(void *unused)
{
	nyx_diag_release();
}

/* Frees units and notes with the test. */
static inline void diag_free_later(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, diag_release,
							   NULL));
}

#endif /* NYX_KUNIT_DIAGNOSE_H */
