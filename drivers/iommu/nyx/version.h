/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_VERSION_H
#define NYX_VERSION_H

/* dkms.conf contains the same version. */
#define NYX_VERSION "0.1"

#endif /* NYX_VERSION_H */
