/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_STRINGIFY_H
#define NYX_PARSERS_STRINGIFY_H

#define __stringify_1(x)	#x
#define __stringify(x)		__stringify_1(x)

#endif /* NYX_PARSERS_STRINGIFY_H */
