/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts that somebody else wrote. */
#ifndef NYXCTL_TEXT_H
#define NYXCTL_TEXT_H

#include <stdbool.h>

bool remove_controls(char *text, const char *kept);

#endif
