/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_STATIC_STUB_H
#define NYX_PARSERS_STATIC_STUB_H

#define KUNIT_STATIC_STUB_REDIRECT(...) do { } while (0)

#endif /* NYX_PARSERS_STATIC_STUB_H */
