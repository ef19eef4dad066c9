/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NYX_PARSERS_PCI_H
#define NYX_PARSERS_PCI_H

#include_next <linux/pci.h>

#include <linux/align.h>
#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/types.h>

#define PCI_POSSIBLE_ERROR(value)	((value) == (__typeof__(value))~0)

struct device;

/* What the search for a device needs: its place in the hierarchy. */
struct pci_bus {
	struct pci_dev *self;
	unsigned char number;
};

struct pci_dev {
	struct pci_bus *bus;
	unsigned int devfn;
};

/* A program that links vtd/target.c brings these. */
int pci_find_ext_capability(struct pci_dev *dev, int cap);
int pci_read_config_word(struct pci_dev *dev, int where, u16 *val);

#endif /* NYX_PARSERS_PCI_H */
