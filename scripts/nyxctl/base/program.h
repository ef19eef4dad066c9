/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading what other programs print. */
#ifndef NYXCTL_PROGRAM_H
#define NYXCTL_PROGRAM_H

int program_prints(const char * const *argv, const char *text);

#endif
