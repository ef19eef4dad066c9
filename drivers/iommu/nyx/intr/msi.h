/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Remapped interrupts as MSI domains of the kernel.
 */
#ifndef NYX_MSI_H
#define NYX_MSI_H

#include <linux/types.h>

struct device;
struct irq_chip;
struct irq_data;
struct nyx_device;
struct nyx_intr;
struct nyx_unit;

/* The chips in a unit's domain: of MSIs, and of the pins of I/O APICs */
extern struct irq_chip nyx_msi_chip;
extern struct irq_chip nyx_pin_chip;

/* Interrupt domains of units, msi.c */
int nyx_msi_init(void);
void nyx_msi_exit(void);
int nyx_msi_program(struct irq_data *data);
void nyx_msi_set_data(struct irq_data *data, struct nyx_intr *intr,
		      struct irq_chip *chip);
void nyx_msi_set_isolated(struct nyx_unit *unit, bool isolated);

/* MSI domains of devices, msi_device.c */
void nyx_msi_open(void);
void nyx_msi_close(void);
void nyx_msi_attach(struct nyx_device *ndev);
void nyx_msi_detach(struct nyx_device *ndev);
void nyx_msi_bind(struct nyx_device *ndev);
void nyx_msi_unbound(struct nyx_device *ndev);
void nyx_msi_forget_driver(struct nyx_device *ndev);
int nyx_msi_return(void);
void nyx_msi_update_compat(void);

/* Crashes, crash.c */
void nyx_crash_init(void);
void nyx_crash_exit(void);

/* MSI domains that buses pass on, msi_inherit.c */
void nyx_msi_reset_inherited(struct device *dev);
void nyx_msi_device_added(struct device *dev);
void nyx_msi_reset_all_inherited(void);

#endif /* NYX_MSI_H */
