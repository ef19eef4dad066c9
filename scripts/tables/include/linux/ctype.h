/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_TABLES_CTYPE_H
#define NYX_TABLES_CTYPE_H

#include <ctype.h>

#endif /* NYX_TABLES_CTYPE_H */
