// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices below AMD IOMMUs that get identity by default.
 */
#include <linux/cc_platform.h>

#include <nyx/device.h>

#include "identity.h"
#include "quirks/quirks.h"

/**
 * amd_identity_with() - whether a device gets identity by default
 * @ndev: the device
 * @encrypted: memory is encrypted
 *
 * Drivers of AMD's graphics from Raven on share IOVAs with processes through
 * PASIDs, and expect that their own requests are untranslated. If memory is
 * encrypted, some of these functions cannot address the encryption bit, and
 * need a translation that hides it.
 *
 * Context: Any.
 * Return: true for functions of AMD with a PASID capability.
 */
bool amd_identity_with(const struct nyx_device *ndev, bool encrypted)
{
	return (ndev->quirks & NYX_QUIRK_PASID) && ndev->pasid && !encrypted;
}

/**
 * amd_identity_needed() - nyx_vendor.identity_needed
 * @ndev: the device
 *
 * Context: Any.
 * Return: true for a device that gets identity by default.
 */
bool amd_identity_needed(const struct nyx_device *ndev)
{
	return amd_identity_with(ndev, cc_platform_has(CC_ATTR_MEM_ENCRYPT));
}
