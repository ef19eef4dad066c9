/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_ARRAY_SIZE_H
#define NYX_PARSERS_ARRAY_SIZE_H

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

#endif /* NYX_PARSERS_ARRAY_SIZE_H */
