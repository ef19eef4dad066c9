// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCIe Access Control Services (PCI Express Base Specification 6.0, section
 * 6.12).
 *
 * ACS makes peer-to-peer requests pass through the unit. The PCI core enables
 * it only on request of a built-in IOMMU driver, and does not export a function
 * for modules. Nor does it export its quirks for devices that isolate without
 * an ACS capability; quirks/ has a table of them.
 */
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <nyx/compat.h>
#include <nyx/device.h>

#include "acs_reg.h"
#include "pci.h"
#include "quirks/quirks.h"

/*
 * Above devices that are not trusted, requests that claim to be translated are
 * blocked, too.
 */
static u32 nyx_acs_untrusted(const struct nyx_acs_reg *reg)
{
	struct pci_dev *pdev = reg->pdev;

	if (reg->chipset || !(pdev->external_facing || pdev->untrusted))
		return 0;
	return PCI_ACS_TB & nyx_pci_acs_offered(pdev);
}

/**
 * struct nyx_acs_saved - ACS control of a function before it was changed
 * @node: entry of nyx_acs_list
 * @reg: the register; a reference to its function is held
 * @ctrl: original value of the register
 * @known: @ctrl is valid; false as long as the function has had no power
 * @rcrb: registers with which the chipset redirects requests of the function,
 *	where @reg.chipset is set; NULL if they cannot be used
 */
struct nyx_acs_saved {
	struct list_head node;
	struct nyx_acs_reg reg;
	u32 ctrl;
	bool known;
	void __iomem *rcrb;
};

static LIST_HEAD(nyx_acs_list);
static DEFINE_MUTEX(nyx_acs_lock);	/* serializes changes of nyx_acs_list */
/*
 * Protects nyx_acs_list as well, and serializes changes of the registers. The
 * kretprobe of pci_restore_state() takes it in any context
 * (nyx_acs_enable_again()), so it is raw, and taken with interrupts disabled.
 * Configuration space may be accessed under it: the locks that this takes on x86
 * are raw too.
 */
static DEFINE_RAW_SPINLOCK(nyx_acs_store_lock);

/* Either lock is held. */
static struct nyx_acs_saved *nyx_acs_find(const struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;

	list_for_each_entry(saved, &nyx_acs_list, node)
		if (saved->reg.pdev == pdev)
			return saved;
	return NULL;
}

static struct nyx_acs_saved *nyx_acs_new(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;
	struct nyx_acs_reg reg;

	lockdep_assert_held(&nyx_acs_lock);
	if (!nyx_acs_reg_init(&reg, pdev))
		return NULL;
	saved = kzalloc_obj(*saved);
	if (!saved)
		return NULL;	/* not isolated; its group accounts for that */
	pci_dev_get(pdev);
	saved->reg = reg;
	if (reg.chipset)
		saved->rcrb = nyx_acs_chipset_map(pdev);
	guard(raw_spinlock_irqsave)(&nyx_acs_store_lock);
	list_add(&saved->node, &nyx_acs_list);
	return saved;
}

/* Does nothing to a function while it has no power; its chipset always has. */
static void nyx_acs_store(struct nyx_acs_saved *saved)
{
	struct nyx_acs_reg *reg = &saved->reg;
	u32 ctrl, want;

	lockdep_assert_held(&nyx_acs_store_lock);
	if (saved->rcrb)
		nyx_acs_chipset_redirect(saved->rcrb);
	if (!nyx_acs_reg_read(reg, &ctrl))
		return;
	if (!saved->known) {
		/* What it supports could not be read without power, either. */
		nyx_acs_reg_init(reg, reg->pdev);
		saved->ctrl = ctrl;
		saved->known = true;
	}
	want = ctrl | reg->wanted | nyx_acs_untrusted(reg);
	if (ctrl != want)
		nyx_acs_reg_write(reg, want);
}

/**
 * nyx_acs_enable() - enable ACS on a function
 * @pdev: the function
 *
 * Enables source validation, request redirect, completion redirect and upstream
 * forwarding as far as the function supports them. The original register value
 * is saved once, by the first call that finds the function powered, because a
 * reset may clear it later. A function without power gets ACS when its registers
 * are restored: see nyx_acs_enable_again().
 *
 * Context: May sleep.
 */
void nyx_acs_enable(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;

	guard(mutex)(&nyx_acs_lock);
	saved = nyx_acs_find(pdev) ?: nyx_acs_new(pdev);
	if (!saved)
		return;
	guard(raw_spinlock_irqsave)(&nyx_acs_store_lock);
	nyx_acs_store(saved);
}

/**
 * nyx_acs_enable_again() - enable ACS on a function whose registers were restored
 * @pdev: the PCI function; nothing happens if ACS was never to be enabled on it
 *
 * A reset and the removal of power clear ACS control, and a sleep clears what the
 * chipset redirects. pci_restore_state() restores the former only if the PCI core
 * itself enabled ACS, and never the latter. The caller calls this before @pdev, or
 * any device below it, does DMA.
 *
 * Context: Any.
 */
void nyx_acs_enable_again(const struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;

	guard(raw_spinlock_irqsave)(&nyx_acs_store_lock);
	saved = nyx_acs_find(pdev);
	if (saved)
		nyx_acs_store(saved);
}

/**
 * nyx_acs_enable_path() - enable ACS on a function and all bridges above it
 * @pdev: the function
 *
 * Groups rely on the ACS settings at the time when they were formed. A kernel
 * without kprobes does not call nyx_acs_enable_again(), so the settings may have
 * been lost since.
 *
 * Context: May sleep; the function's bus cannot be removed.
 */
void nyx_acs_enable_path(struct pci_dev *pdev)
{
	struct pci_bus *bus;

	nyx_acs_enable(pdev);
	for (bus = pdev->bus; !pci_is_root_bus(bus); bus = bus->parent)
		if (bus->self)
			nyx_acs_enable(bus->self);
}

static void nyx_acs_drop(struct nyx_acs_saved *saved)
{
	if (saved->rcrb)
		iounmap(saved->rcrb);
	pci_dev_put(saved->reg.pdev);
	kfree(saved);
}

/**
 * nyx_acs_remove() - drop the saved state of a removed function
 * @pdev: the function
 *
 * Context: May sleep.
 */
void nyx_acs_remove(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;

	guard(mutex)(&nyx_acs_lock);
	saved = nyx_acs_find(pdev);
	if (!saved)
		return;
	scoped_guard(raw_spinlock_irqsave, &nyx_acs_store_lock)
		list_del(&saved->node);
	nyx_acs_drop(saved);
}

/**
 * nyx_acs_restore() - restore the original ACS control of all functions
 *
 * Context: May sleep. No device is managed any more.
 */
void nyx_acs_restore(void)
{
	struct nyx_acs_saved *saved, *next;
	LIST_HEAD(gone);

	guard(mutex)(&nyx_acs_lock);
	scoped_guard(raw_spinlock_irqsave, &nyx_acs_store_lock)
		list_splice_init(&nyx_acs_list, &gone);
	list_for_each_entry_safe(saved, next, &gone, node) {
		if (saved->known)
			nyx_acs_reg_write(&saved->reg, saved->ctrl);
		nyx_acs_drop(saved);
	}
}

/* A chipset has to redirect requests, as nyx_acs_enable() arranges. */
static bool nyx_acs_chipset_redirects(struct pci_dev *pdev)
{
	struct nyx_acs_saved *saved;

	guard(mutex)(&nyx_acs_lock);
	saved = nyx_acs_find(pdev);
	return saved && saved->rcrb;
}

static bool nyx_acs_flags_set(struct pci_dev *pdev)
{
	struct nyx_acs_reg reg;
	u32 ctrl;

	if (!nyx_acs_reg_init(&reg, pdev) || !nyx_acs_reg_read(&reg, &ctrl) ||
	    (ctrl & reg.wanted) != reg.wanted)
		return false;
	return !reg.chipset || nyx_acs_chipset_redirects(pdev);
}

/**
 * nyx_acs_isolated() - check that all requests of a function go upstream
 * @pdev: the function
 *
 * Some functions are known to isolate without ACS. Of all others, root and
 * downstream ports must have ACS enabled. So must each function of a
 * multi-function device, because it could reach the others inside the device; a
 * single-function device has no such peers. Devices on a conventional PCI bus
 * reach each other directly, so a bridge to such a bus isolates nothing below
 * it.
 *
 * Context: May sleep.
 * Return: true if all requests go upstream.
 */
bool nyx_acs_isolated(struct pci_dev *pdev)
{
	if (nyx_quirk_flags(pdev) & NYX_QUIRK_ISOLATED)
		return true;
	if (!pci_is_pcie(pdev))
		return false;

	switch (pci_pcie_type(pdev)) {
	case PCI_EXP_TYPE_ROOT_PORT:
	case PCI_EXP_TYPE_DOWNSTREAM:
		return nyx_acs_flags_set(pdev);
	case PCI_EXP_TYPE_ENDPOINT:
	case PCI_EXP_TYPE_LEG_END:
	case PCI_EXP_TYPE_UPSTREAM:
	case PCI_EXP_TYPE_RC_END:
		return !pdev->multifunction || nyx_acs_flags_set(pdev);
	default:
		/* Bridges to and from conventional PCI, event collectors. */
		return false;
	}
}
