/* SPDX-License-Identifier: GPL-2.0-only */
/* What checks found. */
#ifndef NYXCTL_FINDING_H
#define NYXCTL_FINDING_H

#include <stddef.h>

enum { FINE, NOTE, ATTENTION };

/**
 * struct finding - what a check found
 * @check: name of the check
 * @result: FINE; NOTE if it limits what the module can do; ATTENTION if something is wrong
 * @text: what was found
 * @remedy: what to do; NULL if nothing has to be done
 */
struct finding {
	const char *check;
	int result;
	char *text;
	char *remedy;
};

/**
 * struct findings - a list of findings
 * @finding: the findings
 * @count: number of findings
 * @check: name of the check to which found() adds
 */
struct findings {
	struct finding *finding;
	size_t count;
	const char *check;
};

void found(struct findings *findings, int result, char *text, char *remedy);
size_t findings_count(const struct findings *findings, int result);
void findings_print(const struct findings *findings, const char * const *results);
void findings_free(struct findings *findings);

#endif
