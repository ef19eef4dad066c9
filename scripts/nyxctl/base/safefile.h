/* SPDX-License-Identifier: GPL-2.0-only */
/* Replacing a file as a whole. */
#ifndef NYXCTL_SAFEFILE_H
#define NYXCTL_SAFEFILE_H

#include <sys/types.h>

int replace_file(const char *path, const char *text, mode_t mode);

#endif
