// SPDX-License-Identifier: GPL-2.0-only
/* Texts that somebody else wrote, which a terminal must not obey. */
#include <string.h>

#include "text.h"

#define ESCAPE 0x20		/* the control characters of ASCII are below it */
#define DELETE 0x7f
#define C1_FIRST 0x80		/* more control characters, also as bytes of their own */
#define C1_LAST 0x9f
#define C1_LEAD 0xc2		/* precedes them in UTF-8 */

/* The number of bytes that follow the first byte of a character in UTF-8. */
static int followers_of(unsigned char lead)
{
	return lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= C1_LEAD ? 1 : 0;
}

/**
 * remove_controls() - replace control characters in a text by question marks
 * @text: the text
 * @kept: the control characters of ASCII that stay
 *
 * Return: true if there were any.
 */
bool remove_controls(char *text, const char *kept)
{
	unsigned char *c = (unsigned char *)text;
	bool found = false, is_c1;
	int followers = 0;

	for (; *c; c++) {
		is_c1 = *c >= C1_FIRST && *c <= C1_LAST && !followers;
		if (*c == C1_LEAD && c[1] >= C1_FIRST && c[1] <= C1_LAST) {
			*c++ = '?';
			is_c1 = true;
			followers = 0;
		}
		if (*c < C1_FIRST || *c >= C1_LEAD)
			followers = followers_of(*c);
		else if (followers)
			followers--;
		if (is_c1 || *c == DELETE || (*c < ESCAPE && !strchr(kept, *c))) {
			*c = '?';
			found = true;
		}
	}
	return found;
}
