/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_CTYPE_H
#define NYX_PARSERS_CTYPE_H

#include <ctype.h>

#endif /* NYX_PARSERS_CTYPE_H */
